"""Everything of one owner lies together: its keys begin with the owner. Promises: W1, S1, S2, S9."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine

from k5web.storage import placement, tables
from k5web.storage.tables import SUBJECTS, Base


def test_every_table_that_is_there_suits_its_place(database_url: str) -> None:
    """Of those of an owner each key begins with it, and references stay with the owner or lead to a small list."""
    engine = create_engine(database_url)
    there = MetaData()
    there.reflect(engine)
    engine.dispose()
    assert placement.unplaced(there) == []
    assert placement.misfits(there) == []


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda table: str(table.name))
def test_sqlite_tables_are_strict(sqlite_url: str, table: object) -> None:
    """Else a sum that overflows turns silently into a float."""
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        listed = connection.exec_driver_sql("PRAGMA table_list").mappings()
        strict = {row["name"]: row["strict"] for row in listed}
    engine.dispose()
    assert strict[str(table)] == 1


def test_every_mapped_class_is_named_under_its_subject() -> None:
    """Else who asks for all tables misses some, or a class is not found where it is asked for."""
    here = Path(tables.__file__)
    classes = {(subject, name) for subject, names in SUBJECTS.items() for name in names.split()}
    mapped = {mapper.class_ for mapper in Base.registry.mappers}
    assert {(found.__module__.rpartition(".")[2], found.__name__) for found in mapped} == classes
    assert {path.stem for path in here.parent.glob("*.py")} == {*SUBJECTS, "__init__", "base"}
    told = [node for node in ast.walk(ast.parse(here.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    named = {(str(node.module).rpartition(".")[2], alias.name) for node in told for alias in node.names if alias.asname}
    assert named == classes | {("base", "Base")}
    assert all(getattr(tables, name) in mapped for _, name in classes)
