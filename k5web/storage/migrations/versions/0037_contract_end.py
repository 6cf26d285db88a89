"""How contracts end, and what is refunded after them."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")

STANDING = sa.text("withdrawn_at IS NULL")
OPEN = sa.text("paid_at IS NULL AND declined_at IS NULL")

# Contracts that objections ended before were blocked. Those that staff let go on since are not among them
WITH_NO_END = """
INSERT INTO contract_end (owner_id, n, why, applied_at, last_day, actor, reason, done_at)
SELECT b.owner_id, 1, 'objection', b.at, {day_before}, b.actor, b.reason, b.at FROM block AS b
JOIN (
    SELECT e.owner_id, min(e.n) AS n FROM block AS e
    WHERE e.actor = 'job:objections' AND e.is_blocked AND NOT EXISTS (
        SELECT 1 FROM block AS l WHERE l.owner_id = e.owner_id AND l.kind = 'block' AND NOT l.is_blocked AND l.n > e.n
    ) GROUP BY e.owner_id
) AS first ON first.owner_id = b.owner_id AND first.n = b.n
JOIN (
    SELECT m.owner_id, m.n, max(o.ends_on) AS ends_on FROM block AS m
    JOIN objection AS o ON o.owner_id = m.owner_id AND o.ends_on <= {day_after}
    GROUP BY m.owner_id, m.n
) AS said ON said.owner_id = b.owner_id AND said.n = b.n
"""
THEIRS = "(SELECT owner_id FROM contract_end)"
LIFTED = f"""
INSERT INTO block (owner_id, n, is_blocked, at, actor, reason, kind)
SELECT b.owner_id, all_n.n + 1, {{no}}, {{now}}, 'job:contracts', 'the contract has ended: the cabinet is open', 'block'
FROM block AS b
JOIN (SELECT owner_id, max(n) AS n FROM block GROUP BY owner_id) AS all_n ON all_n.owner_id = b.owner_id
JOIN (SELECT owner_id, max(n) AS n FROM block WHERE kind = 'block' GROUP BY owner_id) AS last
    ON last.owner_id = b.owner_id AND last.n = b.n
WHERE b.actor = 'job:objections' AND b.is_blocked AND b.owner_id IN {THEIRS}
"""
MOVED = (
    "UPDATE subscriber SET ended_at = (SELECT done_at FROM contract_end WHERE owner_id = subscriber.id) "
    f"WHERE id IN {THEIRS}",
    "UPDATE subscriber SET blocked_at = NULL WHERE id IN (SELECT owner_id FROM block WHERE actor = 'job:contracts')",
    f"UPDATE auto_topup SET off_why = 'owner' WHERE off_why IS NULL AND owner_id IN {THEIRS}",
)
# A phone's digits were in the names of these messages, and addresses stayed where codes went
FORGOTTEN = (
    "UPDATE outbox SET id = kind || ' ' || ref WHERE kind IN ('phones', 'limit_raised') AND ref IS NOT NULL",
    "UPDATE outbox SET address = NULL WHERE kind IN ('code', 'password') AND done_at IS NOT NULL",
)
SQLITE = {
    "day_before": "date(said.ends_on, '-1 day')",
    "day_after": "date(substr(m.at, 1, 10), '+1 day')",
    "now": "strftime('%Y-%m-%d %H:%M:%f000Z', 'now')",
    "no": "0",
}
POSTGRES = {
    "day_before": "said.ends_on - 1",
    "day_after": "CAST(m.at AT TIME ZONE 'UTC' AS date) + 1",
    "now": "now()",
    "no": "false",
}


def upgrade() -> None:
    op.add_column("subscriber", sa.Column("ended_at", INSTANT, nullable=True))
    op.create_table(
        "contract_end",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("n", WHOLE, autoincrement=False, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("applied_at", INSTANT, nullable=False),
        sa.Column("last_day", DAY, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.CheckConstraint("why IN ('subscriber', 'debt', 'breach', 'objection')", name=op.f("ck_contract_end_why")),
        sa.PrimaryKeyConstraint("owner_id", "n", name=op.f("pk_contract_end")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_contract_end_standing", "contract_end", ["owner_id"], unique=True,
        postgresql_where=STANDING, sqlite_where=STANDING,
    )  # fmt: skip
    op.create_table(
        "refund_application",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("n", WHOLE, autoincrement=False, nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("applied_at", INSTANT, nullable=False),
        sa.Column("due_on", DAY, nullable=False),
        sa.Column("paid_at", INSTANT, nullable=True),
        sa.Column("declined_at", INSTANT, nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_application_amount")),
        sa.CheckConstraint("paid_at IS NULL OR declined_at IS NULL", name=op.f("ck_refund_application_once")),
        sa.PrimaryKeyConstraint("owner_id", "n", name=op.f("pk_refund_application")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_refund_application_open", "refund_application", ["owner_id"], unique=True,
        postgresql_where=OPEN, sqlite_where=OPEN,
    )  # fmt: skip
    is_postgres = op.get_bind().dialect.name == "postgresql"
    words = POSTGRES if is_postgres else SQLITE
    for statement in (WITH_NO_END, LIFTED, *MOVED, *FORGOTTEN):
        op.execute(sa.text(statement.format(**words).replace(":", r"\:")))
    if is_postgres:
        op.execute("GRANT SELECT, INSERT, UPDATE ON contract_end TO k5_app")
        op.execute("GRANT SELECT, INSERT, UPDATE ON refund_application TO k5_app")
