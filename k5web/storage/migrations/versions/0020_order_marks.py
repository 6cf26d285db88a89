"""Order numbers that no other house makes, and tries of cards as the gateway counts them."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def upgrade() -> None:
    house = op.create_table(
        "house",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_house_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house")),
        sqlite_strict=True,
    )
    mark = "".join(secrets.choice(LETTERS) for _place in range(4))
    op.bulk_insert(house, [{"id": 1, "mark": mark}])
    op.add_column("topup", sa.Column("mark", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("topup", sa.Column("declines", WHOLE, server_default=sa.text("0"), nullable=False))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT ON house TO k5_app")
