"""Words of names: written with the name, gone with it, found by their beginnings a part at a time."""

import pytest
from sqlalchemy import select

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.money import Price
from k5web.storage.accounts import name_rows, owned_rows, subscribers
from k5web.storage.session import Sessions
from k5web.storage.tables import NameWordRow
from tests.conftest import Clock

NAMES = {1: "Анна Петрова", 2: "Анна Петрунина", 3: "Яна ЁЖИКОВА", 4: "Анатолий Zhao", 5: ""}
LAST_LETTERS = {1: "яяя", 2: "\U0010ffff я"}


def write(sessions: Sessions, names: dict[int, str] = NAMES) -> None:
    with sessions.begin() as db:
        for owner_id, name in names.items():
            made = Subscriber(owner_id, None, name, "RUB", "k5", None, Price.parse("5.00"))
            subscribers.add(db, made, None, Clock()())


def find(sessions: Sessions, *beginnings: str, limit: int = 25) -> list[int]:
    with sessions.read() as db:
        owners, more = name_rows.find(db, beginnings, None, limit)
    assert more is None
    return owners


@pytest.mark.parametrize(
    ("beginnings", "owners"),
    [
        (("анна",), [1, 2]),
        (("ан",), [4, 1, 2]),
        (("петр", "анна"), [1, 2]),
        (("петру", "ан"), [2]),
        (("ежик",), [3]),
        (("zh",), [4]),
        (("анна", "анна"), [1, 2]),
        (("анна", "ежик"), []),
        (("б",), []),
    ],
)
def test_names_are_found_by_the_beginnings_of_their_words(
    sessions: Sessions, beginnings: tuple[str, ...], owners: list[int]
) -> None:
    write(sessions)
    assert find(sessions, *beginnings) == owners


def test_a_beginning_is_a_range_also_at_the_end_of_the_alphabet(sessions: Sessions) -> None:
    write(sessions, LAST_LETTERS)
    assert find(sessions, "я") == [2, 1]
    assert find(sessions, "яя") == [1]


def test_a_list_goes_on_behind_the_last_one_that_was_shown(sessions: Sessions) -> None:
    write(sessions, dict.fromkeys(range(1, 8), "Анна"))
    seen: list[int] = []
    place: name_rows.Place | None = None
    with sessions.read() as db:
        for _ in range(3):
            owners, place = name_rows.find(db, ["а"], place, 3)
            seen += owners
    assert (seen, place) == ([1, 2, 3, 4, 5, 6, 7], None)


def test_words_change_with_the_name_and_go_with_an_erasure(sessions: Sessions) -> None:
    write(sessions)
    with sessions.begin() as db:
        subscribers.set_name(db, 1, "Вера")
        owned_rows.erase(db, 2, [], Clock()())
        words = list(db.scalars(select(NameWordRow.word).where(NameWordRow.owner_id.in_((1, 2)))))
    assert words == ["вера"]
