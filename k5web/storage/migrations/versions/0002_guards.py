"""The guards: history is appended, balances move by the next link of the chain alone, a hold ends once.

Both databases refuse the same things in the same words, each in its own language.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "name_claim",
    "ledger_transaction",
    "posting",
    "deck",
    "rate",
    "switch_event",
    "cdr",
    "incident",
)

JOURNAL = """
CREATE VIEW journal AS
SELECT owner_id, account_id, day, seq, unit, origin, key, 'account' AS side, amount_minor FROM posting
UNION ALL
SELECT owner_id, account_id, day, seq, unit, origin, key, counter AS side, -amount_minor FROM posting
"""

# SECURITY DEFINER: the application's role may not touch the caches of an account, these functions may.
# EXECUTE is taken from everybody: else a trigger on somebody's temporary table could call them with false rows.
POSTGRESQL = [
    """
    CREATE FUNCTION k5_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        RAISE EXCEPTION '% of % is forbidden: history is appended, never edited', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE FUNCTION k5_move_balance() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        UPDATE public.account SET balance_minor = NEW.balance_minor, last_seq = NEW.seq, last_day = NEW.day
        WHERE owner_id = NEW.owner_id AND id = NEW.account_id AND unit = NEW.unit AND last_seq = NEW.seq - 1
          AND last_day <= NEW.day AND balance_minor + NEW.amount_minor = NEW.balance_minor;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'posting % does not continue the chain of account %', NEW.seq, NEW.account_id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION k5_move_held() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            IF NEW.state <> 'open' THEN
                RAISE EXCEPTION 'a hold begins open' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            UPDATE public.account SET held_minor = held_minor + NEW.amount_minor
            WHERE owner_id = NEW.owner_id AND id = NEW.account_id;
        ELSE
            IF OLD.state <> 'open' OR NEW.state = 'open'
               OR (NEW.owner_id, NEW.account_id, NEW.call_id, NEW.amount_minor, NEW.opened_at, NEW.expires_at)
                  IS DISTINCT FROM
                  (OLD.owner_id, OLD.account_id, OLD.call_id, OLD.amount_minor, OLD.opened_at, OLD.expires_at) THEN
                RAISE EXCEPTION 'a hold only ends, and once' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            UPDATE public.account SET held_minor = held_minor - OLD.amount_minor
            WHERE owner_id = OLD.owner_id AND id = OLD.account_id;
        END IF;
        RETURN NULL;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION k5_refuse(), k5_move_balance(), k5_move_held() FROM PUBLIC",
    "CREATE TRIGGER posting_moves_balance AFTER INSERT ON posting FOR EACH ROW EXECUTE FUNCTION k5_move_balance()",
    "CREATE TRIGGER hold_moves_held AFTER INSERT OR UPDATE ON hold FOR EACH ROW EXECUTE FUNCTION k5_move_held()",
    *(
        f"CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()"
        for table in APPEND_ONLY
    ),
    *(
        f"CREATE TRIGGER {table}_stays BEFORE DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()"
        for table in ("account", "hold")
    ),
]


def _sqlite_refusal(name: str, when: str, words: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{words}'); END"


HISTORY = "history is appended, never edited"
LAST = (
    "SELECT {} FROM posting p WHERE p.owner_id = NEW.owner_id AND p.account_id = NEW.id "
    "ORDER BY p.day DESC, p.seq DESC LIMIT 1"
)

# SQLite has no roles: a trigger on account lets the caches become only what the last posting and the open holds say
SQLITE = [
    _sqlite_refusal(
        "posting_continues_chain",
        """INSERT ON posting WHEN NEW.day IS NOT date(NEW.day) OR NOT EXISTS (
            SELECT 1 FROM account a WHERE a.owner_id = NEW.owner_id AND a.id = NEW.account_id AND a.unit = NEW.unit
            AND a.last_seq = NEW.seq - 1 AND a.last_day <= NEW.day
            AND a.balance_minor + NEW.amount_minor = NEW.balance_minor)""",
        "posting does not continue the chain of its account",
    ),
    """
    CREATE TRIGGER posting_moves_balance AFTER INSERT ON posting BEGIN
        UPDATE account SET balance_minor = NEW.balance_minor, last_seq = NEW.seq, last_day = NEW.day
        WHERE owner_id = NEW.owner_id AND id = NEW.account_id;
    END
    """,
    # One that is not born open is refused too: the account would hold more than its open holds say
    """
    CREATE TRIGGER hold_raises_held AFTER INSERT ON hold BEGIN
        UPDATE account SET held_minor = held_minor + NEW.amount_minor
        WHERE owner_id = NEW.owner_id AND id = NEW.account_id;
    END
    """,
    _sqlite_refusal(
        "hold_only_ends",
        """UPDATE ON hold WHEN OLD.state <> 'open' OR NEW.state = 'open'
            OR (NEW.owner_id, NEW.account_id, NEW.call_id, NEW.amount_minor, NEW.opened_at, NEW.expires_at)
            IS NOT (OLD.owner_id, OLD.account_id, OLD.call_id, OLD.amount_minor, OLD.opened_at, OLD.expires_at)""",
        "a hold only ends, and once",
    ),
    """
    CREATE TRIGGER hold_lowers_held AFTER UPDATE ON hold BEGIN
        UPDATE account SET held_minor = held_minor - OLD.amount_minor
        WHERE owner_id = OLD.owner_id AND id = OLD.account_id;
    END
    """,
    _sqlite_refusal(
        "account_begins_empty",
        """INSERT ON account WHEN NEW.balance_minor <> 0 OR NEW.held_minor <> 0 OR NEW.last_seq <> 0
            OR NEW.last_day <> '2000-01-01' OR NEW.closed_at IS NOT NULL""",
        "an account begins empty",
    ),
    _sqlite_refusal(
        "account_follows_postings",
        f"""UPDATE ON account WHEN (NEW.owner_id, NEW.id, NEW.purpose, NEW.unit, NEW.floor_minor)
            IS NOT (OLD.owner_id, OLD.id, OLD.purpose, OLD.unit, OLD.floor_minor)
            OR NEW.balance_minor IS NOT coalesce(({LAST.format("p.balance_minor")}), 0)
            OR NEW.last_seq IS NOT coalesce(({LAST.format("p.seq")}), 0)
            OR NEW.last_day IS NOT coalesce(({LAST.format("p.day")}), '2000-01-01')
            OR NEW.held_minor IS NOT (SELECT coalesce(sum(h.amount_minor), 0) FROM hold h
                WHERE h.owner_id = NEW.owner_id AND h.account_id = NEW.id AND h.state = 'open')""",
        "the caches of an account follow its postings and holds",
    ),
    *(_sqlite_refusal(f"{table}_no_update", f"UPDATE ON {table}", HISTORY) for table in APPEND_ONLY),
    *(_sqlite_refusal(f"{table}_no_delete", f"DELETE ON {table}", HISTORY) for table in APPEND_ONLY),
    *(_sqlite_refusal(f"{table}_no_delete", f"DELETE ON {table}", HISTORY) for table in ("account", "hold")),
]


def upgrade() -> None:
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)  # one by one: Citus refuses several at once
    op.execute(JOURNAL)
