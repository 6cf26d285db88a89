"""Several switches and trunks: who runs a call, by which trunks its legs go, what rests, who ticked an incident off."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
EMPTY = {"server_default": sa.text("''"), "nullable": False}


def upgrade() -> None:
    for name in ("switch", "trunks_a", "trunks_b"):
        op.add_column("call", sa.Column(name, sa.Text(), **EMPTY))
    op.add_column("switch_event", sa.Column("trunk", sa.Text(), **EMPTY))
    op.add_column("switch_event", sa.Column("attempt", WHOLE, server_default=sa.text("1"), nullable=False))
    op.add_column("switch_event", sa.Column("sip", WHOLE, nullable=True))
    op.add_column("cdr", sa.Column("trunk", sa.Text(), **EMPTY))
    op.add_column("cdr", sa.Column("carrier_cost_minor", WHOLE, nullable=True))
    op.add_column("cdr", sa.Column("carrier_currency", sa.Text(), nullable=True))
    op.create_table(
        "route_health",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("failures", WHOLE, nullable=False),
        sa.Column("rests_until", INSTANT, nullable=False),
        sa.Column("failed_at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('switch', 'trunk')", name=op.f("ck_route_health_kind")),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_route_health")),
        sqlite_strict=True,
    )
    op.create_table(
        "incident_tick",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "kind", "reference"],
            ["incident.owner_id", "incident.kind", "incident.reference"],
            name=op.f("fk_incident_tick_owner_id_kind_reference_incident"),
        ),
        sa.PrimaryKeyConstraint("owner_id", "kind", "reference", name=op.f("pk_incident_tick")),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT, UPDATE ON route_health TO k5_app")
        op.execute("GRANT SELECT, INSERT ON incident_tick TO k5_app")
        op.execute("GRANT DELETE ON route_health TO k5_app")  # who is well again needs no row
