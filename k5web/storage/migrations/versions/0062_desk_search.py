"""Staff find subscribers and payments by what they have in hand: words of names, tax numbers, sums with days."""

import sqlalchemy as sa
from alembic import op

from k5web.domain.words import words_in

revision = "0062"
down_revision = "0060"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
AT_ONCE = 5000
# index: table, columns, condition
INDEXES = {
    "ix_topup_provider_id": ("topup", ["provider_id", "origin"], None),
    "ix_register_line_key": ("register_line", ["key", "origin"], None),
    "ix_register_line_missing": ("register_line", ["amount_minor", "at"], "verdict = 'missing_here'"),
    "ix_notice_refused": ("notice", ["amount_minor", "at"], "kind = 'paid' AND verdict IN ('refused', 'conflict')"),
    "ix_bank_payment_payer_inn": ("bank_payment", ["payer_inn", "day"], "payer_inn <> ''"),
    "ix_invoice_buyer_inn": ("invoice", ["buyer_inn", "owner_id"], None),
    "ix_receipt_day_amount": ("receipt", ["day", "amount_minor", "owner_id"], None),
    "ix_personal_data_inn": ("personal_data", ["inn", "owner_id"], "inn <> ''"),
    "ix_posting_payment": (
        "posting", ["day", "amount_minor", "owner_id", "account_id", "seq"], "substr(counter, 1, 5) = 'cash.'"
    ),
}  # fmt: skip


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.create_table(
        "name_word",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("word", WORD, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "word", name=op.f("pk_name_word")),
        sqlite_strict=True,
    )
    _fill_words()
    op.create_index("ix_name_word_word", "name_word", ["word", "owner_id"])
    op.add_column("personal_data", sa.Column("inn", sa.Text(), server_default=sa.text("''"), nullable=False))
    inn = "facts::json ->> 'inn'" if dialect == "postgresql" else "json_extract(facts, '$.inn')"
    op.execute(f"UPDATE personal_data SET inn = coalesce({inn}, '') WHERE what = 'organisation'")
    for name, table in (("ix_topup_origin_provider_id", "topup"), ("ix_register_line_origin_key", "register_line")):
        op.drop_index(name, table)
    for name, (table, columns, where) in INDEXES.items():
        which = None if where is None else sa.text(where)
        op.create_index(name, table, columns, postgresql_where=which, sqlite_where=which)
    if dialect == "postgresql":
        op.execute("GRANT SELECT, INSERT, DELETE ON name_word TO k5_app")


def _fill_words() -> None:
    bind, last = op.get_bind(), -1
    read = sa.text("SELECT id, name FROM subscriber WHERE id > :last AND name <> '' ORDER BY id LIMIT :most")
    word = sa.table("name_word", sa.column("owner_id"), sa.column("word"))
    while rows := bind.execute(read, {"last": last, "most": AT_ONCE}).all():
        words = [{"owner_id": row.id, "word": each} for row in rows for each in sorted(words_in(row.name))]
        if words:
            bind.execute(sa.insert(word), words)
        last = rows[-1].id
