"""The tables of the first house. Frozen: a later change is a later version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite's STRICT tables know INTEGER, TEXT and BLOB only
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
BLOB = sa.LargeBinary()


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("floor_minor", WHOLE, server_default=sa.text("0"), nullable=False),
        sa.Column("balance_minor", WHOLE, server_default=sa.text("0"), nullable=False),
        sa.Column("held_minor", WHOLE, server_default=sa.text("0"), nullable=False),
        sa.Column("last_seq", WHOLE, server_default=sa.text("0"), nullable=False),
        sa.Column("last_day", DAY, server_default=sa.text("'2000-01-01'"), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.CheckConstraint("unit IN ('RUB', 'KGS', 'SEC', 'SMS', 'KB')", name=op.f("ck_account_unit")),
        sa.CheckConstraint("held_minor >= 0", name=op.f("ck_account_held")),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_account")),
        sa.UniqueConstraint("owner_id", "id", "unit", name=op.f("uq_account_owner_id_id_unit")),
        sa.UniqueConstraint("owner_id", "purpose", "unit", name=op.f("uq_account_owner_id_purpose_unit")),
        postgresql_with={"fillfactor": 70},
        sqlite_strict=True,
    )
    op.create_table(
        "allocator",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("next_id", WHOLE, nullable=False),
        sa.CheckConstraint("next_id BETWEEN 1 AND 8589934592", name=op.f("ck_allocator_below_2_33")),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_allocator")),
        sqlite_strict=True,
    )
    op.create_table(
        "call",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("n", WHOLE, autoincrement=False, nullable=False),
        sa.Column("account_id", WHOLE, nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("a_number", sa.Text(), nullable=False),
        sa.Column("b_number", sa.Text(), nullable=False),
        sa.Column("a_rate", sa.Text(), nullable=False),
        sa.Column("b_rate", sa.Text(), nullable=False),
        sa.Column("a_leg_from", sa.Text(), nullable=False),
        sa.Column("minutes", WHOLE, nullable=False),
        sa.Column("hold_minor", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("ring_a_s", WHOLE, nullable=False),
        sa.Column("ring_b_s", WHOLE, nullable=False),
        sa.Column("talk_ms", WHOLE, nullable=False),
        sa.Column("leg_a_s", WHOLE, nullable=False),
        sa.Column("at_once", FLAG, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("cost_minor", WHOLE, nullable=True),
        sa.Column("ordered_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("placing_at", INSTANT, nullable=True),
        sa.Column("a_answered_at", INSTANT, nullable=True),
        sa.Column("b_answered_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("cancel_requested_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("owner_id", "n", name=op.f("pk_call")),
        sa.UniqueConstraint("owner_id", "form_key", name=op.f("uq_call_owner_id_form_key")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_call_state_changed_at",
        "call",
        ["state", "changed_at"],
        unique=False,
        postgresql_where=sa.text("state NOT IN ('settled', 'not_placed')"),
        sqlite_where=sa.text("state NOT IN ('settled', 'not_placed')"),
    )
    op.create_index(
        "uq_call_live_a_number",
        "call",
        ["owner_id", "a_number"],
        unique=True,
        postgresql_where=sa.text("state IN ('reserved', 'placing', 'calling_a', 'calling_b', 'talking')"),
        sqlite_where=sa.text("state IN ('reserved', 'placing', 'calling_a', 'calling_b', 'talking')"),
    )
    op.create_table(
        "cdr",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("switch", sa.Text(), nullable=False),
        sa.Column("leg_uuid", sa.Text(), nullable=False),
        sa.Column("n", WHOLE, nullable=False),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.Column("cause", WHOLE, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dial_status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "switch", "leg_uuid", name=op.f("pk_cdr")),
        sqlite_strict=True,
    )
    op.create_index("ix_cdr_owner_id_n", "cdr", ["owner_id", "n"], unique=False)
    op.create_table(
        "deck",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("effective_from", INSTANT, nullable=False),
        sa.Column("imported_at", INSTANT, nullable=False),
        sa.Column("row_count", WHOLE, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", BLOB, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deck")),
        sqlite_strict=True,
    )
    op.create_index("ix_deck_name_effective_from", "deck", ["name", "effective_from"], unique=False)
    op.create_table(
        "device",
        sa.Column("selector", sa.Text(), nullable=False),
        sa.Column("owner_id", WHOLE, nullable=False),
        sa.Column("validator_hash", BLOB, nullable=False),
        sa.Column("rotated_at", INSTANT, nullable=False),
        sa.Column("previous_hash", BLOB, nullable=True),
        sa.Column("is_seen", FLAG, nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("is_own", FLAG, nullable=False),
        sa.Column("at_once", FLAG, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("selector", name=op.f("pk_device")),
        sqlite_strict=True,
    )
    op.create_index("ix_device_owner_id", "device", ["owner_id"], unique=False)
    op.create_table(
        "incident",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "kind", "reference", name=op.f("pk_incident")),
        sqlite_strict=True,
    )
    op.create_table(
        "ledger_transaction",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", BLOB, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("reverses_origin", sa.Text(), nullable=True),
        sa.Column("reverses_key", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(reverses_origin IS NULL) = (reverses_key IS NULL)", name=op.f("ck_ledger_transaction_reverses")
        ),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 200", name=op.f("ck_ledger_transaction_key")),
        sa.ForeignKeyConstraint(
            ["owner_id", "reverses_origin", "reverses_key"],
            ["ledger_transaction.owner_id", "ledger_transaction.origin", "ledger_transaction.key"],
            name=op.f("fk_ledger_transaction_owner_id_reverses_origin_reverses_key"),
        ),
        sa.PrimaryKeyConstraint("owner_id", "origin", "key", name=op.f("pk_ledger_transaction")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_ledger_transaction_reverses",
        "ledger_transaction",
        ["owner_id", "reverses_origin", "reverses_key"],
        unique=False,
        postgresql_where=sa.text("reverses_key IS NOT NULL"),
        sqlite_where=sa.text("reverses_key IS NOT NULL"),
    )
    op.create_index(
        "uq_ledger_transaction_reversal",
        "ledger_transaction",
        ["owner_id", "reverses_origin", "reverses_key"],
        unique=True,
        postgresql_where=sa.text("origin = 'reversal'"),
        sqlite_where=sa.text("origin = 'reversal'"),
    )
    op.create_table(
        "login_count",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("in_a_row", WHOLE, nullable=False),
        sa.Column("in_a_day", WHOLE, nullable=False),
        sa.Column("blocked_until", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("scope", "subject", name=op.f("pk_login_count")),
        sqlite_strict=True,
    )
    op.create_table(
        "name_claim",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("owner_id", WHOLE, nullable=False),
        sa.Column("fingerprint", BLOB, nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 64", name=op.f("ck_name_claim_key")),
        sa.PrimaryKeyConstraint("key", "origin", name=op.f("pk_name_claim")),
        sqlite_strict=True,
    )
    op.create_table(
        "subscriber",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("at_once_limit_micro", WHOLE, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("password_changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("phone", name=op.f("uq_subscriber_phone")),
        sqlite_strict=True,
    )
    op.create_table(
        "switch_event",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("switch", sa.Text(), nullable=False),
        sa.Column("leg_uuid", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("n", WHOLE, nullable=False),
        sa.Column("is_a", FLAG, nullable=False),
        sa.Column("cause", WHOLE, nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dial_status", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "switch", "leg_uuid", "kind", "at", name=op.f("pk_switch_event")),
        sqlite_strict=True,
    )
    op.create_index("ix_switch_event_owner_id_n", "switch_event", ["owner_id", "n"], unique=False)
    op.create_table(
        "switch_position",
        sa.Column("switch", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("switch", name=op.f("pk_switch_position")),
        sqlite_strict=True,
    )
    op.create_table(
        "hold",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("account_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_hold_closed")),
        sa.CheckConstraint("state IN ('open', 'settled', 'released', 'expired')", name=op.f("ck_hold_state")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_hold_amount")),
        sa.ForeignKeyConstraint(
            ["owner_id", "account_id"], ["account.owner_id", "account.id"], name=op.f("fk_hold_owner_id_account_id")
        ),
        sa.PrimaryKeyConstraint("owner_id", "account_id", "call_id", name=op.f("pk_hold")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_hold_expires_at",
        "hold",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_hold_open",
        "hold",
        ["owner_id", "account_id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "posting",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("account_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("balance_minor", WHOLE, nullable=False),
        sa.Column("counter", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "counter IN ('sale.call', 'sale.fee', 'sale.order', 'gift', 'expired', 'refund', 'loss', 'fx', 'opening') OR substr(counter, 1, 5) = 'cash.'",
            name=op.f("ck_posting_counter"),
        ),
        sa.CheckConstraint(
            "amount_minor <> 0 AND amount_minor BETWEEN -1000000000000000 AND 1000000000000000",
            name=op.f("ck_posting_amount"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "account_id", "unit"],
            ["account.owner_id", "account.id", "account.unit"],
            name=op.f("fk_posting_owner_id_account_id_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "origin", "key"],
            ["ledger_transaction.owner_id", "ledger_transaction.origin", "ledger_transaction.key"],
            name=op.f("fk_posting_owner_id_origin_key"),
        ),
        sa.PrimaryKeyConstraint("owner_id", "account_id", "day", "seq", name=op.f("pk_posting")),
        sqlite_strict=True,
    )
    op.create_index("ix_posting_owner_id_origin_key", "posting", ["owner_id", "origin", "key"], unique=False)
    op.create_table(
        "rate",
        sa.Column("deck_id", WHOLE, nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("valid_from", INSTANT, nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("price_micro", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("increment_s", WHOLE, nullable=False),
        sa.Column("minimum_s", WHOLE, nullable=False),
        sa.Column("free_below_s", WHOLE, nullable=False),
        sa.Column("connect_fee_micro", WHOLE, nullable=False),
        sa.CheckConstraint("increment_s > 0 AND minimum_s >= 0 AND free_below_s >= 0", name=op.f("ck_rate_steps")),
        sa.CheckConstraint("price_micro >= 0 AND connect_fee_micro >= 0", name=op.f("ck_rate_prices")),
        sa.ForeignKeyConstraint(["deck_id"], ["deck.id"], name=op.f("fk_rate_deck_id")),
        sa.PrimaryKeyConstraint("deck_id", "prefix", "valid_from", name=op.f("pk_rate")),
        sqlite_strict=True,
    )

    allocator = sa.table("allocator", sa.column("kind"), sa.column("next_id"))
    op.bulk_insert(allocator, [{"kind": "subscriber", "next_id": 100001}, {"kind": "account", "next_id": 1}])
