"""A new migration, written from the difference between the models and what the migrations so far make."""

import fcntl
import os
import re
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from alembic import command
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from alembic.operations.ops import CreateTableOp, MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from k5web.errors import WrongFile
from k5web.storage import schema
from k5web.storage.types import Day, Facts, Flag, Instant

VERSIONS = Path(__file__).parent / "migrations" / "versions"
LONGEST_LINE = 100  # with its marks and its full stop it fits a line of code

# A migration must not change when one of our types does, so it names the database's own types
_SPELT: dict[type, str] = {
    Instant: 'sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")',
    Day: 'sa.Date().with_variant(sa.Text(), "sqlite")',
    Flag: 'sa.Boolean().with_variant(sa.Integer(), "sqlite")',
    Facts: "sa.Text()",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A migration that was written; `is_empty` where the models say nothing that the others do not make."""

    path: Path
    is_empty: bool


def first_line(what: str) -> str:
    """Return a sentence as the first line of a migration, without its full stop. Raises: ValueError, in words."""
    line = re.sub(r"\W+$", "", " ".join(what.split()))
    if not line:
        raise ValueError("say in a sentence what the migration does")
    if '"' in line or "\\" in line or not line.isprintable():
        raise ValueError('it stands between quotation marks in Python: write it without ", \\ and control signs')
    if len(line) > LONGEST_LINE:
        raise ValueError(f"it is one line of at most {LONGEST_LINE} signs")
    return line


def write_revision(what: str, folder: Path = VERSIONS) -> Written:
    """Write the next migration into the folder, whole or not at all; it changes no database but one of its own.

    Two at once wait for each other, so that each has a number of its own. Raises: ValueError (`first_line`), WrongFile.
    """
    message, folder = first_line(what), folder.absolute()
    try:
        with _alone_in(folder), TemporaryDirectory() as place:
            made = _make(message, folder, Path(place))
            return Written(_put(made, folder), "    pass\n" in made.read_text("utf-8"))
    except OSError as error:
        raise WrongFile(file=error.filename or folder, reason=error.strerror) from error
    except CommandError as error:
        raise WrongFile(file=folder, reason=f"the migrations there are no single row ({error})") from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    place = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)


def _make(message: str, folder: Path, place: Path) -> Path:
    """Write the migration that follows those of the program and of the folder into a place of its own."""
    with schema.connected(f"sqlite:///{place}/k5.db") as connection:
        config = Config(cmd_opts=Namespace(quiet=True), attributes={"connection": connection})
        config.set_main_option("script_location", schema.SCRIPTS)
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", "\n".join(map(str, {VERSIONS, folder, place})))
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        command.upgrade(config, "head")
        newest = ScriptDirectory.from_config(config).get_current_head()
        config.attributes["options"] = {
            "process_revision_directives": _name_tables, "render_item": _render, **schema.COMPARED,
        }  # fmt: skip
        number = f"{int(newest or 0) + 1:04}"
        script = command.revision(config, message, autogenerate=True, rev_id=number, version_path=str(place))
    assert script
    assert not isinstance(script, list)
    return Path(script.path)


def _put(made: Path, folder: Path) -> Path:
    """Move the file into the folder in one step. Raises: OSError, and then nothing of it is there."""
    path, half = folder / made.name, folder / f".{made.name}.half"
    try:
        half.write_bytes(made.read_bytes())
        half.replace(path)
    except OSError:
        half.unlink(missing_ok=True)
        raise
    return path


def _name_tables(context: MigrationContext, revision: Any, scripts: list[MigrationScript]) -> None:
    """Tell the template which tables are new: each of them needs a grant."""
    upgrades = scripts[0].upgrade_ops
    created = [step.table_name for step in upgrades.ops if isinstance(step, CreateTableOp)] if upgrades else []
    context.opts["template_args"]["new_tables"] = created


def _render(kind: str, thing: Any, context: AutogenContext) -> str | Literal[False]:
    """Spell a column type of ours in SQLAlchemy's own words; alembic spells the rest."""
    return _SPELT.get(type(thing), False) if kind == "type" else False
