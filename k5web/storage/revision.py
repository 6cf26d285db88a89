"""A new migration, written from the difference between the models and what the migrations so far make."""

import re
from argparse import Namespace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from alembic import command
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from alembic.operations.ops import CreateTableOp, MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from k5web.storage import schema
from k5web.storage.types import Day, Facts, Flag, Instant

VERSIONS = Path(__file__).parent / "migrations" / "versions"

# A migration must not change when a type of ours does, so it says what the type is on each database
_SPELT: dict[type, str] = {
    Instant: 'sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")',
    Day: 'sa.Date().with_variant(sa.Text(), "sqlite")',
    Flag: 'sa.Boolean().with_variant(sa.Integer(), "sqlite")',
    Facts: "sa.Text()",
}


def write_revision(what: str, folder: Path = VERSIONS) -> Path:
    """Write the next migration into the folder and return its path; it changes no database but one of its own."""
    with TemporaryDirectory() as place:
        url = f"sqlite:///{place}/k5.db"
        schema.upgrade(url)
        with schema.connected(url) as connection:
            options = {"process_revision_directives": _name_tables, "render_item": _render, **schema.COMPARED}
            config = Config(cmd_opts=Namespace(quiet=True), attributes={"connection": connection, "options": options})
            config.set_main_option("script_location", schema.SCRIPTS)
            config.set_main_option("path_separator", "newline")
            config.set_main_option("version_locations", "\n".join({str(VERSIONS), str(folder.absolute())}))
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            newest = ScriptDirectory.from_config(config).get_current_head()
            number = f"{int(newest or 0) + 1:04}"
            script = command.revision(
                config, re.sub(r"\W+$", "", what), autogenerate=True, rev_id=number, version_path=str(folder)
            )
    assert script
    assert not isinstance(script, list)
    return Path(script.path)


def _name_tables(context: MigrationContext, revision: Any, scripts: list[MigrationScript]) -> None:
    """Tell the template which tables are new: each of them needs a grant."""
    upgrades = scripts[0].upgrade_ops
    created = [step.table_name for step in upgrades.ops if isinstance(step, CreateTableOp)] if upgrades else []
    context.opts["template_args"]["new_tables"] = created


def _render(kind: str, thing: Any, context: AutogenContext) -> str | Literal[False]:
    """Spell a column type of ours in SQLAlchemy's own words; alembic spells the rest."""
    return _SPELT.get(type(thing), False) if kind == "type" else False
