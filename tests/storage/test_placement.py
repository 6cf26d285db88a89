"""Each table has one place on many machines, and keys that suit it; who is referred to goes first. Promises: W1, S9."""

import pytest
from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text, UniqueConstraint

from k5web.storage import placement
from k5web.storage.placement import Place, misfits
from k5web.storage.tables import Base


def tables(*names: str) -> MetaData:
    """The least that such tables are made of."""
    metadata = MetaData()
    for name in names:
        Table(name, metadata, Column("owner_id", Integer, primary_key=True), Column("id", Integer, primary_key=True))
    return metadata


def test_each_table_has_one_place_and_no_other() -> None:
    named = [*placement.OWNED, *placement.KEYED, *placement.EVERYWHERE, *placement.COORDINATOR]
    assert len(named) == len(set(named))
    assert set(named) == {"alembic_version", *Base.metadata.tables}  # alembic makes its own


def test_a_table_that_nobody_placed_is_named() -> None:
    metadata = tables(*placement.PLACES, "news")
    assert [str(each) for each in placement.unplaced(metadata)] == ["news: has no place in k5web/storage/placement.py"]
    metadata.remove(metadata.tables["posting"])
    assert "posting: has a place and is not there" in [str(each) for each in placement.unplaced(metadata)]


def test_every_table_suits_its_place() -> None:
    assert misfits(Base.metadata) == []


def test_who_is_referred_to_goes_first_and_accounts_before_all_that_lies_beside_them() -> None:
    order = [table.name for table in placement.in_order(Base.metadata)]
    assert set(order) == {name for name, place in placement.PLACES.items() if place is not Place.COORDINATOR}
    for table in placement.in_order(Base.metadata):
        parents = {key.referred_table.name for key in table.foreign_key_constraints} - {table.name}
        assert all(order.index(parent) < order.index(table.name) for parent in parents), table
    owned = [name for name in order if placement.PLACES[name] is Place.OWNER]
    keyed = [name for name in order if placement.PLACES[name] is Place.KEY]
    assert (owned[0], keyed[0]) == ("account", "name_claim")


def test_a_unique_key_without_its_owner_in_front_is_named() -> None:
    metadata = tables("call")
    call = metadata.tables["call"]
    call.append_column(Column("form_key", Text))
    call.append_constraint(UniqueConstraint("form_key", name="uq_call_form_key"))
    Index("uq_call_once", call.c.id, call.c.owner_id, unique=True)
    assert [str(each) for each in misfits(metadata)] == [
        "call: unique key uq_call_form_key (form_key) does not begin with owner_id",
        "call: unique key uq_call_once (id, owner_id) does not begin with owner_id",
    ]


def test_a_table_of_names_wants_the_name_in_front() -> None:
    assert [str(each) for each in misfits(tables("notice"))] == [
        "notice: unique key None (owner_id, id) does not begin with key"
    ]


@pytest.mark.parametrize(
    ("here", "there", "column", "may"),
    [
        ("call", "account", "owner_id", True),
        ("call", "account", "id", False),  # the account of whom?
        ("call", "deck", "id", True),
        ("seal", "closed_day", "id", True),
        ("deck", "account", "owner_id", False),
        ("staff_session", "staff", "id", True),
        ("call", "staff", "id", False),
        ("staff", "deck", "id", False),
        ("notice", "name_claim", "id", False),
    ],
)
def test_a_reference_stays_with_its_owner_or_leads_to_a_list_that_is_on_each_machine(
    here: str, there: str, column: str, may: bool
) -> None:
    metadata = tables(here, there)
    metadata.tables[here].c[column].append_foreign_key(ForeignKey(f"{there}.{column}"))
    found = [each for each in misfits(metadata) if "reference" in each.what]
    assert ([each.table for each in found] == []) is may
    assert all(there in str(each) for each in found)
