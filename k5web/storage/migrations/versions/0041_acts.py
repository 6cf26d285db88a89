"""Acts of services, their lines, originals that are wanted, and how far acts are issued."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
KINDS = "'calls', 'monthly_fee', 'daily_fee', 'number', 'order', 'promise', 'other'"

HISTORY = "history is appended, never edited"


def upgrade() -> None:
    _acts()
    op.create_table(
        "act_original",
        *_key(),
        sa.Column("wanted_at", INSTANT, nullable=False),
        sa.Column("sent_on", DAY, nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.CheckConstraint("(sent_on IS NULL) = (actor IS NULL)", name=op.f("ck_act_original_sent")),
        _of_act("act_original"),
        sa.PrimaryKeyConstraint("owner_id", "month", "version", name=op.f("pk_act_original")),
        sqlite_strict=True,
    )
    op.create_table(
        "act_book",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("first_month", DAY, nullable=False),
        sa.Column("next_month", DAY, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_act_book_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_book")),
        sqlite_strict=True,
    )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in ("act", "act_line"):
        _freeze(table, is_postgresql)
    if is_postgresql:
        op.execute("GRANT SELECT, INSERT, UPDATE (sent_on, document, actor) ON act_original TO k5_app")
        op.execute("GRANT SELECT, INSERT, UPDATE (next_month) ON act_book TO k5_app")


def _acts() -> None:
    op.create_table(
        "act",
        *_key(),
        sa.Column("year", WHOLE, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("contract_day", DAY, nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total_minor", WHOLE, nullable=False),
        sa.Column("account_id", WHOLE, nullable=False),
        sa.Column("upto_seq", WHOLE, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_act_version")),
        sa.ForeignKeyConstraint(
            ["owner_id", "account_id"], ["account.owner_id", "account.id"], name=op.f("fk_act_owner_id_account_id")
        ),
        sa.PrimaryKeyConstraint("owner_id", "month", "version", name=op.f("pk_act")),
        sqlite_strict=True,
    )
    op.create_index("ix_act_year_number", "act", ["year", "number"])
    op.create_table(
        "act_line",
        *_key(),
        sa.Column("n", WHOLE, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quantity", WHOLE, nullable=False),
        sa.Column("price_minor", WHOLE, nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("pieces", WHOLE, nullable=False),
        sa.Column("seconds", WHOLE, nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_act_line_kind")),
        sa.CheckConstraint(
            "quantity > 0 AND quantity * price_minor = amount_minor", name=op.f("ck_act_line_amount")
        ),
        _of_act("act_line"),
        sa.PrimaryKeyConstraint("owner_id", "month", "version", "n", name=op.f("pk_act_line")),
        sqlite_strict=True,
    )


def _key() -> tuple[sa.Column[int], sa.Column[object], sa.Column[int]]:
    return (
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("month", DAY, nullable=False),
        sa.Column("version", WHOLE, autoincrement=False, nullable=False),
    )


def _of_act(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["owner_id", "month", "version"],
        ["act.owner_id", "act.month", "act.version"],
        name=op.f(f"fk_{table}_owner_id_month_version"),
    )


def _freeze(table: str, is_postgresql: bool) -> None:
    if is_postgresql:
        op.execute(
            f"CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO k5_app")
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END"
        )
