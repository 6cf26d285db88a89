"""One-time codes are kept by their request: whoever asks for another number's code no longer voids the owner's."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

KEY = ["address", "purpose", "request"]


def upgrade() -> None:
    with op.batch_alter_table("one_time_code", table_kwargs={"sqlite_strict": True}) as table:
        table.drop_constraint("pk_one_time_code", type_="primary")
        table.create_primary_key("pk_one_time_code", KEY)
