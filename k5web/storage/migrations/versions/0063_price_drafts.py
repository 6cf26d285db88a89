"""Drafts of prices, versions taken back before their day, and the margin of each day by direction."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
IS_OPEN = sa.text("state = 'open'")
HISTORY = "history is appended, never edited"
GRANTS = (
    "GRANT SELECT, INSERT ON price_withdrawal TO k5_app",
    "GRANT SELECT, INSERT ON price_draft TO k5_app",
    "GRANT UPDATE (options, shown, state, ended_by, ended_at, version_id) ON price_draft TO k5_app",
    "GRANT USAGE ON SEQUENCE price_draft_id_seq TO k5_app",
    "GRANT SELECT, INSERT ON margin_day, margin_line TO k5_app",
)


def upgrade() -> None:
    _tables()
    with op.batch_alter_table("plan_version", table_kwargs={"sqlite_strict": True}) as table:
        table.add_column(sa.Column("edition", WHOLE, server_default=sa.text("1"), nullable=False))
        table.drop_constraint("uq_plan_version_code_effective_from", type_="unique")
        table.create_unique_constraint(
            "uq_plan_version_code_effective_from_edition", ["code", "effective_from", "edition"]
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER price_withdrawal_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON price_withdrawal "
            "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()"
        )
        for statement in GRANTS:
            op.execute(statement)
        return
    for table in ("price_withdrawal", "plan_version"):  # the latter was made anew, without its own
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END"
            )


def _tables() -> None:
    op.create_table(
        "price_withdrawal",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("version_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("subject IN ('deck', 'plan')", name=op.f("ck_price_withdrawal_subject")),
        sa.PrimaryKeyConstraint("subject", "version_id", name=op.f("pk_price_withdrawal")),
        sqlite_strict=True,
    )
    op.create_table(
        "price_draft",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("effective", DAY, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("drafted_at", INSTANT, nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("version_id", WHOLE, nullable=True),
        sa.CheckConstraint("subject IN ('deck', 'plan')", name=op.f("ck_price_draft_subject")),
        sa.CheckConstraint("state IN ('open', 'published', 'dropped')", name=op.f("ck_price_draft_state")),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_price_draft_ended")),
        sa.CheckConstraint("(state = 'published') = (version_id IS NOT NULL)", name=op.f("ck_price_draft_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_draft")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_price_draft_open", "price_draft", ["subject", "name", "effective"], unique=True,
        postgresql_where=IS_OPEN, sqlite_where=IS_OPEN,
    )  # fmt: skip
    op.create_table(
        "margin_day",
        sa.Column("day", DAY, nullable=False),
        sa.Column("summed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_margin_day")),
        sqlite_strict=True,
    )
    counted = ("calls", "seconds", "revenue_minor", "known_calls", "known_seconds", "known_minor", "cost_minor")
    op.create_table(
        "margin_line",
        sa.Column("day", DAY, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        *(sa.Column(name, WHOLE, nullable=False) for name in counted),
        sa.ForeignKeyConstraint(["day"], ["margin_day.day"], name=op.f("fk_margin_line_day")),
        sa.PrimaryKeyConstraint("day", "source", "destination", "currency", name=op.f("pk_margin_line")),
        sqlite_strict=True,
    )
