"""Closed days and their seals: nothing is booked into a closed day, by whatever means."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
BLOB = sa.LargeBinary()

TABLES = ("closed_day", "day_close", "house_day", "seal")
HISTORY = "history is appended, never edited"

POSTGRESQL = [
    # 40001: whoever read the day before it was closed does the whole transaction again, and books into the next one
    """
    CREATE OR REPLACE FUNCTION k5_move_balance() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF NEW.day <= (SELECT max(day) FROM public.closed_day) THEN
            RAISE EXCEPTION 'the day % is closed', NEW.day USING ERRCODE = 'serialization_failure';
        END IF;
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
    *(
        f"CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()"
        for table in TABLES
    ),
    f"GRANT SELECT, INSERT ON {', '.join(TABLES)} TO k5_app",
]
SQLITE = [
    "CREATE TRIGGER posting_day_is_open BEFORE INSERT ON posting WHEN NEW.day <= (SELECT max(day) FROM closed_day) "
    "BEGIN SELECT RAISE(ABORT, 'the day is closed'); END",
    *(
        f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END"
        for table in TABLES
        for what in ("UPDATE", "DELETE")
    ),
]


def upgrade() -> None:
    op.create_table(
        "closed_day",
        sa.Column("day", DAY, nullable=False),
        sa.Column("next_day", DAY, nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.CheckConstraint("next_day > day", name=op.f("ck_closed_day_next_day")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_closed_day")),
        sqlite_strict=True,
    )
    op.create_table(
        "day_close",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("account_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("last_seq", WHOLE, nullable=False),
        sa.Column("balance_minor", WHOLE, nullable=False),
        sa.Column("digest", BLOB, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "account_id", "day", name=op.f("pk_day_close")),
        sqlite_strict=True,
    )
    op.create_index("ix_day_close_day", "day_close", ["day"])
    op.create_table(
        "house_day",
        sa.Column("day", DAY, nullable=False),
        sa.Column("counter", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("debit_minor", WHOLE, nullable=False),
        sa.Column("credit_minor", WHOLE, nullable=False),
        sa.CheckConstraint("debit_minor >= 0 AND credit_minor >= 0", name=op.f("ck_house_day_turnover")),
        sa.PrimaryKeyConstraint("day", "counter", "unit", name=op.f("pk_house_day")),
        sqlite_strict=True,
    )
    op.create_table(
        "seal",
        sa.Column("day", DAY, nullable=False),
        sa.Column("previous", BLOB, nullable=False),
        sa.Column("digest", BLOB, nullable=False),
        sa.Column("sealed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["day"], ["closed_day.day"], name=op.f("fk_seal_day")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_seal")),
        sqlite_strict=True,
    )
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
