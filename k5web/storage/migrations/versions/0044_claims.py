"""Claims: charges that subscribers dispute, the answers, the money that goes to a bank account."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
UNANSWERED = sa.text("answered_at IS NULL")

# What was said, answered and paid stays as it was; only an erasure empties the text and the bank account
SAID = "owner_id n account_id origin key seq unit charged_minor disputed_minor reason form_key opened_at opened_by due_on"
ANSWER = "answered_at answered_by given_minor answer pay_by"
PAYMENT = "paid_at paid_by document"
ERASED = "text recipient account bank"


def _differs(columns: str) -> str:
    new, old = (", ".join(f"{row}.{column}" for column in columns.split()) for row in ("NEW", "OLD"))
    return f"({new}) {{differs}} ({old})"


GOES_BACK = (
    f"{_differs(SAID)} OR (OLD.answered_at IS NOT NULL AND {_differs(ANSWER)}) "
    f"OR (OLD.paid_at IS NOT NULL AND {_differs(PAYMENT)})"
)
POSTGRESQL = [
    "CREATE TRIGGER claim_only_goes_on BEFORE UPDATE ON claim FOR EACH ROW "
    f"WHEN ({GOES_BACK.format(differs='IS DISTINCT FROM')}) EXECUTE FUNCTION k5_refuse()",
    "CREATE TRIGGER claim_stays BEFORE DELETE OR TRUNCATE ON claim FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()",
    "GRANT SELECT, INSERT ON claim TO k5_app",
    f"GRANT UPDATE ({', '.join(f'{ANSWER} {PAYMENT} {ERASED}'.split())}) ON claim TO k5_app",
]
SQLITE = [
    f"CREATE TRIGGER claim_only_goes_on BEFORE UPDATE ON claim WHEN {GOES_BACK.format(differs='IS NOT')} "
    "BEGIN SELECT RAISE(ABORT, 'a claim only goes on'); END",
    "CREATE TRIGGER claim_no_delete BEFORE DELETE ON claim "
    "BEGIN SELECT RAISE(ABORT, 'history is appended, never edited'); END",
]


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("n", WHOLE, autoincrement=False, nullable=False),
        sa.Column("account_id", WHOLE, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("seq", WHOLE, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("charged_minor", WHOLE, nullable=False),
        sa.Column("disputed_minor", WHOLE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("due_on", DAY, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("given_minor", WHOLE, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("pay_by", DAY, nullable=True),
        sa.Column("paid_at", INSTANT, nullable=True),
        sa.Column("paid_by", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "disputed_minor > 0 AND disputed_minor <= charged_minor", name=op.f("ck_claim_disputed")
        ),
        sa.CheckConstraint("given_minor BETWEEN 0 AND charged_minor", name=op.f("ck_claim_given")),
        sa.CheckConstraint(
            "reason IN ('not_mine', 'price', 'length', 'quality', 'twice', 'other')", name=op.f("ck_claim_reason")
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (given_minor IS NULL) AND (answered_at IS NULL) = (answered_by IS NULL) "
            "AND (answered_at IS NULL) = (answer IS NULL)",
            name=op.f("ck_claim_answered"),
        ),
        sa.CheckConstraint("pay_by IS NULL OR given_minor > 0", name=op.f("ck_claim_pay_by")),
        sa.CheckConstraint(
            "(paid_at IS NULL) = (paid_by IS NULL) AND (paid_at IS NULL) = (document IS NULL) "
            "AND (paid_at IS NULL OR pay_by IS NOT NULL)",
            name=op.f("ck_claim_paid"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "account_id"], ["account.owner_id", "account.id"], name=op.f("fk_claim_owner_id_account_id")
        ),
        sa.PrimaryKeyConstraint("owner_id", "n", name=op.f("pk_claim")),
        sa.UniqueConstraint("owner_id", "form_key", name=op.f("uq_claim_owner_id_form_key")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_claim_open", "claim", ["owner_id", "origin", "key"], unique=True,
        postgresql_where=UNANSWERED, sqlite_where=UNANSWERED,
    )  # fmt: skip
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
