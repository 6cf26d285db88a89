"""Everything of one owner lies together: its keys begin with the owner. Promises: W1, S1, S2, S9."""

import pytest
from sqlalchemy import MetaData, create_engine

from k5web.storage import placement
from k5web.storage.tables import Base


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
