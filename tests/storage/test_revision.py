"""A migration that is written from the models does what they say, on both databases, and says where grants belong."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import CheckConstraint, Column, Table, Text

from k5web.errors import WrongFile
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
    run(revision.write_revision("What subscribers wish.", tmp_path).path, database_url)
    unlisted = ["grant too much: k5_app may INSERT, SELECT, UPDATE wish"]  # until grants.txt has its line
    assert schema.check(database_url) == (unlisted if database_url.startswith("postgresql") else [])


def test_a_revision_has_the_next_number_and_names_grants_and_guards(wish: Table, tmp_path: Path) -> None:
    newest = max(path.name[:4] for path in revision.VERSIONS.glob("*.py"))
    path = revision.write_revision("What subscribers wish.", tmp_path).path
    text = path.read_text("utf-8")
    assert path.name == f"{int(newest) + 1:04}_what_subscribers_wish.py"
    assert text.startswith('"""What subscribers wish."""')
    assert f"down_revision = '{newest}'" in text
    assert '"GRANT SELECT, INSERT, UPDATE ON wish TO k5_app"' in text
    assert "_FROZEN of storage/schema.py" in text
    assert "k5web" not in text, "a migration leans on nothing that can change"


def test_where_the_models_say_nothing_new_the_revision_is_empty(tmp_path: Path) -> None:
    written = revision.write_revision("Rows are mended", tmp_path)
    text = written.path.read_text("utf-8")
    assert written.is_empty
    assert "    pass\n" in text
    assert "op.create_table" not in text


def test_revisions_written_one_after_the_other_or_at_once_stand_in_one_row(wish: Table, tmp_path: Path) -> None:
    newest = max(int(path.name[:4]) for path in revision.VERSIONS.glob("*.py"))
    first = revision.write_revision("What subscribers wish.", tmp_path)
    with ThreadPoolExecutor() as pool:
        others = list(pool.map(lambda what: revision.write_revision(what, tmp_path), ["The same.", "The same."]))
    assert not first.is_empty
    assert all(one.is_empty for one in others)
    numbers = sorted(path.name[:4] for path in tmp_path.glob("*.py"))
    assert numbers == [f"{newest + n:04}" for n in (1, 2, 3)]


@pytest.mark.parametrize("what", ["", " . ", 'The "wish" of all', "a \\ path", "a\0b", "long" * 30])
def test_a_sentence_that_is_no_line_of_python_is_refused_and_nothing_written(what: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"sentence|without|signs"):
        revision.write_revision(what, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_sentence_over_two_lines_is_one(tmp_path: Path) -> None:
    path = revision.write_revision("What they\n  don't wish.", tmp_path).path
    assert path.read_text("utf-8").startswith('"""What they don\'t wish."""')


def test_where_nothing_can_be_written_nothing_half_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(WrongFile, match="No space left on device"):
        revision.write_revision("What subscribers wish.", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_two_rows_of_migrations_are_told_in_words(tmp_path: Path) -> None:
    path = revision.write_revision("One.", tmp_path).path
    (tmp_path / "0999_other.py").write_text(path.read_text("utf-8").replace(path.name[:4], "0999"))
    with pytest.raises(WrongFile, match="no single row"):
        revision.write_revision("Two.", tmp_path)


def run(path: Path, url: str) -> None:
    """Run the migration of the file on a database that has all others."""
    spec = spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    with schema.connected(url) as connection, Operations.context(MigrationContext.configure(connection)):
        module.upgrade()
