"""Money that comes in: notices, top-ups, registers, messages to send; who may be paid for, and how they are found."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
BLOB = sa.LargeBinary()

APPENDED = ("notice", "register_line")
CHANGED = ("topup", "outbox")
HISTORY = "history is appended, never edited"


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("owner_id", WHOLE, nullable=True),
        sa.Column("amount_minor", WHOLE, nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("account_hash", BLOB, nullable=True),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('ok', 'repeat', 'conflict', 'refused', 'forged', 'malformed')", name=op.f("ck_notice_verdict")
        ),
        sa.CheckConstraint("length(request) <= 8192", name=op.f("ck_notice_request")),
        sa.PrimaryKeyConstraint("key", "origin", "id", name=op.f("pk_notice")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_notice_receipt",
        "notice",
        ["receipt"],
        unique=False,
        postgresql_where=sa.text("receipt <> ''"),
        sqlite_where=sa.text("receipt <> ''"),
    )
    op.create_table(
        "outbox",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("attempts", WHOLE, server_default=sa.text("0"), nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_outbox")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_outbox_todo",
        "outbox",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "register_line",
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("line_no", WHOLE, autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=True),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("file_sha256", "line_no", name=op.f("pk_register_line")),
        sqlite_strict=True,
    )
    op.create_index("ix_register_line_origin_key", "register_line", ["origin", "key"], unique=False)
    op.create_table(
        "topup",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("n", WHOLE, autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", WHOLE, nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("pay_url", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("qr", sa.Text(), nullable=False),
        sa.Column("payer_key", sa.Text(), nullable=False),
        sa.Column("payer_phone", sa.Text(), nullable=False),
        sa.Column("saved_card_id", sa.Text(), nullable=False),
        sa.Column("card_mask", sa.Text(), nullable=False),
        sa.Column("is_automatic", FLAG, nullable=False),
        sa.Column("return_url", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("look_at", INSTANT, nullable=True),
        sa.Column("looks", WHOLE, nullable=False),
        sa.Column("booked_key", sa.Text(), nullable=True),
        sa.Column("booked_attempt", WHOLE, nullable=True),
        sa.Column("booked_minor", WHOLE, server_default=sa.text("0"), nullable=False),
        sa.Column("refunded_minor", WHOLE, server_default=sa.text("0"), nullable=False),
        sa.Column("refund_key", sa.Text(), nullable=True),
        sa.Column("refund_minor", WHOLE, nullable=True),
        sa.CheckConstraint(
            "amount_minor > 0 AND booked_minor >= 0 AND refunded_minor >= 0", name=op.f("ck_topup_sums")
        ),
        sa.PrimaryKeyConstraint("owner_id", "n", name=op.f("pk_topup")),
        sa.UniqueConstraint("owner_id", "form_key", name=op.f("uq_topup_owner_id_form_key")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_topup_code",
        "topup",
        ["code"],
        unique=False,
        postgresql_where=sa.text("code <> ''"),
        sqlite_where=sa.text("code <> ''"),
    )
    op.create_index(
        "ix_topup_look_at",
        "topup",
        ["look_at"],
        unique=False,
        postgresql_where=sa.text("look_at IS NOT NULL"),
        sqlite_where=sa.text("look_at IS NOT NULL"),
    )
    op.create_index("ix_topup_origin_provider_id", "topup", ["origin", "provider_id"], unique=False)
    op.add_column("subscriber", sa.Column("low_balance_minor", WHOLE, server_default=sa.text("2000"), nullable=False))
    op.add_column("subscriber", sa.Column("inn_hash", BLOB, nullable=True))
    op.add_column("subscriber", sa.Column("blocked_at", INSTANT, nullable=True))
    op.create_index("uq_subscriber_inn_hash", "subscriber", ["inn_hash"], unique=True)

    op.create_index("ix_account_id", "account", ["id"], unique=False)
    for table in APPENDED:
        for statement in _guards(table):
            op.execute(statement)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"GRANT SELECT, INSERT ON {', '.join(APPENDED)} TO k5_app")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {', '.join(CHANGED)} TO k5_app")


def _guards(table: str) -> list[str]:
    if op.get_bind().dialect.name == "postgresql":
        return [
            f"CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()"
        ]
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END"
        for verb in ("UPDATE", "DELETE")
    ]
