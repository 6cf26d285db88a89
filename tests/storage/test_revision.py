"""A migration that is written from the models does what they say, on both databases, and says where grants belong."""

from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import CheckConstraint, Column, Table, Text

from k5web.storage import revision, schema
from k5web.storage.tables import Base
from k5web.storage.tables.base import STRICT
from k5web.storage.types import Blob, Day, Facts, Flag, Instant, Whole


@pytest.fixture
def wish() -> Iterator[Table]:
    """A table that the models have for the length of a test, and no migration makes."""
    table = Table(
        "wish",
        Base.metadata,
        Column("n", Whole, primary_key=True, autoincrement=False),
        Column("words", Text, nullable=False, index=True),
        Column("made_at", Instant, nullable=False),
        Column("day", Day, nullable=False),
        Column("is_heard", Flag, nullable=False),
        Column("facts", Facts, nullable=False),
        Column("seal", Blob),
        CheckConstraint("n > 0", name="number"),
        **STRICT,
    )
    yield table
    Base.metadata.remove(table)


def test_a_revision_makes_what_the_models_say(database_url: str, wish: Table, tmp_path: Path) -> None:
    assert schema.check(database_url) != []
    run(revision.write_revision("What subscribers wish.", tmp_path), database_url)
    assert schema.check(database_url) == []


def test_a_revision_has_the_next_number_and_names_grants_and_guards(wish: Table, tmp_path: Path) -> None:
    newest = max(path.name[:4] for path in revision.VERSIONS.glob("*.py"))
    path = revision.write_revision("What subscribers wish.", tmp_path)
    text = path.read_text("utf-8")
    assert path.name == f"{int(newest) + 1:04}_what_subscribers_wish.py"
    assert text.startswith('"""What subscribers wish."""')
    assert f"down_revision = '{newest}'" in text
    assert '"GRANT SELECT, INSERT, UPDATE ON wish TO k5_app"' in text
    assert "_FROZEN of storage/schema.py" in text
    assert "k5web" not in text, "a migration leans on nothing that can change"


def test_where_the_models_say_nothing_new_the_revision_is_empty(tmp_path: Path) -> None:
    text = revision.write_revision("Rows are mended", tmp_path).read_text("utf-8")
    assert "    pass\n" in text
    assert "op.create_table" not in text


def run(path: Path, url: str) -> None:
    """Run the migration of the file on a database that has all others."""
    spec = spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    with schema.connected(url) as connection, Operations.context(MigrationContext.configure(connection)):
        module.upgrade()
