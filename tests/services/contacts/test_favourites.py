"""The own list: names and prices of numbers, one subscriber's alone; it is exported and erased with them."""

from dataclasses import replace

import pytest

from k5web.domain.contacts import favourite
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotFound, TooMany, WrongName
from k5web.services.calls import ordering
from k5web.services.contacts import favourites
from k5web.storage.accounts import owned_rows
from tests.services.house import House

MUM, OFFICE, NOWHERE = Msisdn("77172123456"), Msisdn("74951234567"), Msisdn("390212345678")


@pytest.fixture
def listed(k5: House) -> House:
    for number, name in ((OFFICE, "Офис"), (MUM, "Мама"), (NOWHERE, "Милан")):
        favourites.keep(k5.ports, k5.caller.id, number, name)
    return k5


def shown(k5: House, query: str = "") -> list[tuple[str, str]]:
    entries = favourites.show(k5.ports, k5.caller, query).entries
    return [(each.favourite.name, str(each.quote.per_minute) if each.quote else "") for each in entries]


def test_each_entry_has_the_price_of_a_minute_from_the_subscribers_phone(listed: House) -> None:
    """A3: the sum of both legs; a direction outside the list has none."""
    assert shown(listed) == [("Мама", "2.01"), ("Милан", ""), ("Офис", "2.20")]


def test_the_most_used_stands_first(listed: House) -> None:
    listed.top_up("50.00")
    listed.talk(listed.order(str(OFFICE)), "5")
    assert [name for name, _ in shown(listed)] == ["Офис", "Мама", "Милан"]
    listed.talk(listed.order(str(MUM)), "5")
    assert [name for name, _ in shown(listed)] == ["Мама", "Офис", "Милан"]
    listed.talk(listed.order(str(OFFICE)), "5")
    listed.clock.forward(days=1)
    listed.talk(listed.order(str(MUM)), "5")
    listed.talk(listed.order(str(OFFICE)), "5")
    assert [name for name, _ in shown(listed)] == ["Офис", "Мама", "Милан"]


def test_the_same_number_twice_is_one_entry_with_the_new_name(listed: House) -> None:
    favourites.keep(listed.ports, listed.caller.id, MUM, "  Мамочка  ")
    assert [name for name, _ in shown(listed)] == ["Мамочка", "Милан", "Офис"]


@pytest.mark.parametrize("name", ["", "   ", "я" * 61, "a\u202eb"])
def test_a_name_that_nobody_can_read_is_refused(listed: House, name: str) -> None:
    with pytest.raises(WrongName):
        favourites.keep(listed.ports, listed.caller.id, MUM, name)
    with pytest.raises(WrongName):
        favourites.rename(listed.ports, listed.caller.id, MUM, name)
    assert favourites.get(listed.ports, listed.caller.id, MUM).name == "Мама"


def test_a_list_has_an_end(listed: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(favourite, "MOST", 3)
    with pytest.raises(TooMany):
        favourites.keep(listed.ports, listed.caller.id, Msisdn("78432123456"), "Казань")
    favourites.keep(listed.ports, listed.caller.id, MUM, "Мама Ася")
    favourites.remove(listed.ports, listed.caller.id, NOWHERE)
    favourites.keep(listed.ports, listed.caller.id, Msisdn("78432123456"), "Казань")


def test_pages_of_a_long_list_follow_each_other(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(favourites, "PAGE", 2)
    for number in range(5):
        favourites.keep(k5.ports, k5.caller.id, Msisdn(f"7495123456{number}"), f"Имя {number}")
    pages = [favourites.show(k5.ports, k5.caller, page=page) for page in (1, 2, 3, 4)]
    assert [len(page.entries) for page in pages] == [2, 2, 1, 0]
    assert [page.is_further for page in pages] == [True, True, False, False]
    assert {page.total for page in pages} == {5}


def test_what_is_gone_cannot_be_renamed_and_may_be_removed_again(listed: House) -> None:
    favourites.remove(listed.ports, listed.caller.id, MUM)
    favourites.remove(listed.ports, listed.caller.id, MUM)
    with pytest.raises(NotFound):
        favourites.rename(listed.ports, listed.caller.id, MUM, "Мама")
    with pytest.raises(NotFound):
        favourites.get(listed.ports, listed.caller.id, MUM)


def test_names_are_told_of_the_numbers_that_are_asked_for(listed: House) -> None:
    asked = [MUM.digits, "78432123456"]
    assert favourites.names(listed.ports, listed.caller.id, asked) == {MUM.digits: "Мама"}
    assert favourites.names(listed.ports, listed.caller.id, []) == {}


def test_without_a_phone_to_ring_there_is_no_price(listed: House) -> None:
    entries = favourites.show(listed.ports, replace(listed.caller, phone=None)).entries
    assert {each.quote for each in entries} == {None}


def test_at_once_mode_may_ring_a_number_of_the_list(listed: House) -> None:
    """docs/pages.md: called by the button before, or in the own list; still not twice within a minute."""
    assert ordering.may_call_at_once(listed.ports, listed.caller.id, MUM)
    assert not ordering.may_call_at_once(listed.ports, listed.caller.id, Msisdn("78432123456"))
    assert not ordering.may_call_at_once(listed.ports, listed.caller.id + 1, MUM)
    favourites.remove(listed.ports, listed.caller.id, MUM)
    assert not ordering.may_call_at_once(listed.ports, listed.caller.id, MUM)


def test_the_list_is_given_with_the_subscribers_data_and_erased_with_them(listed: House) -> None:
    with listed.ports.sessions.begin() as db:
        given = {table: list(rows) for table, rows in owned_rows.given(db, listed.caller.id)}
        assert {row["name"] for row in given["favourite"]} == {"Мама", "Милан", "Офис"}
        owned_rows.erase(db, listed.caller.id, [], listed.clock())
    assert favourites.all_of(listed.ports, listed.caller.id) == []


def test_a_text_means_who_is_called_so_else_all_whose_name_begins_so(listed: House) -> None:
    owner_id, other = listed.caller.id, Msisdn("78432123456")
    favourites.keep(listed.ports, owner_id, other, "Мама Ася")

    def meant(text: str) -> list[Msisdn]:
        return [each.number for each in favourites.meant(listed.ports, owner_id, text)]

    assert meant("мама") == [MUM]
    assert meant("ма") == [MUM, other]
    assert meant("ася") == [other]
    assert meant("495 123") == [OFFICE]
    assert meant("папа") == []
    assert favourites.meant(listed.ports, owner_id + 1, "мама") == []
