"""Proposals: what one member of the staff asks for and a second one approves."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0052"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
WAITS = sa.text("state = 'waiting'")

# What was asked for stays as it was, and a decision is written once
DECISION = "state decided_by decided_at words"
ASKED = (
    "id kind form_key owner_id payload shown reason document unit amount_minor is_alone counted_minor limit_minor "
    "proposed_by proposed_at"
)


def _differs(columns: str, differs: str) -> str:
    new, old = (", ".join(f"{row}.{column}" for column in columns.split()) for row in ("NEW", "OLD"))
    return f"({new}) {differs} ({old})"


def _goes_back(differs: str) -> str:
    return f"OLD.state <> 'waiting' OR {_differs(ASKED, differs)}"


POSTGRESQL = [
    "CREATE TRIGGER proposal_only_goes_on BEFORE UPDATE ON proposal FOR EACH ROW "
    f"WHEN ({_goes_back('IS DISTINCT FROM')}) EXECUTE FUNCTION k5_refuse()",
    "CREATE TRIGGER proposal_stays BEFORE DELETE OR TRUNCATE ON proposal FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()",
    "GRANT SELECT, INSERT ON proposal TO k5_app",
    f"GRANT UPDATE ({', '.join(DECISION.split())}) ON proposal TO k5_app",
]
SQLITE = [
    f"CREATE TRIGGER proposal_only_goes_on BEFORE UPDATE ON proposal WHEN {_goes_back('IS NOT')} "
    "BEGIN SELECT RAISE(ABORT, 'a proposal is decided once'); END",
    "CREATE TRIGGER proposal_no_delete BEFORE DELETE ON proposal "
    "BEGIN SELECT RAISE(ABORT, 'history is appended, never edited'); END",
]


def upgrade() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("owner_id", WHOLE, nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("amount_minor", WHOLE, nullable=True),
        sa.Column("is_alone", FLAG, nullable=False),
        sa.Column("counted_minor", WHOLE, nullable=True),
        sa.Column("limit_minor", WHOLE, nullable=True),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'refused', 'withdrawn', 'expired')", name=op.f("ck_proposal_state")
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_by IS NULL) AND (state = 'waiting') = (decided_at IS NULL)",
            name=op.f("ck_proposal_decided"),
        ),
        sa.CheckConstraint(
            "state <> 'done' OR is_alone = (decided_by = proposed_by)",
            name=op.f("ck_proposal_two_persons"),
        ),
        sa.CheckConstraint("state <> 'withdrawn' OR decided_by = proposed_by", name=op.f("ck_proposal_withdrawn")),
        sa.CheckConstraint("NOT is_alone OR (unit IS NOT NULL AND counted_minor <= limit_minor)", name=op.f("ck_proposal_alone")),
        sa.CheckConstraint(
            "(unit IS NULL) = (amount_minor IS NULL) AND (unit IS NULL) = (counted_minor IS NULL) "
            "AND (unit IS NULL) = (limit_minor IS NULL)",
            name=op.f("ck_proposal_sums"),
        ),
        sa.CheckConstraint("amount_minor >= 0 AND counted_minor >= amount_minor", name=op.f("ck_proposal_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("form_key", name=op.f("uq_proposal_form_key")),
        sqlite_strict=True,
    )
    op.create_index("ix_proposal_waiting", "proposal", ["id"], postgresql_where=WAITS, sqlite_where=WAITS)
    op.create_index("ix_proposal_owner_id", "proposal", ["owner_id", "proposed_at"])
    op.create_index("ix_proposal_proposed_by", "proposal", ["proposed_by", "proposed_at"])
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
