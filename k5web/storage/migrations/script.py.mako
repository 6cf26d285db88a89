"""${message}."""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}

# The program's role may touch a new table only where it is named here. Take UPDATE away from a table that is only
# appended to, and add DELETE where rows are thrown away.
GRANTS: list[str] = [
% if not new_tables:
    # "GRANT SELECT, INSERT, UPDATE ON … TO k5_app",
% endif
% for table in new_tables:
    "GRANT SELECT, INSERT, UPDATE ON ${table} TO k5_app",
% endfor
]

# A table that is only appended to needs guards as well: triggers in both databases' languages as in 0010_payments.py,
# and its name in _FROZEN of storage/schema.py. Without one, delete this comment.


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
    if op.get_bind().dialect.name == "postgresql":
        for statement in GRANTS:
            op.execute(statement)
