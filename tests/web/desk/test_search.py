"""One search: a single thing is gone to, several are listed, none says how to write; each role sees its kinds. C3."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.desk.question import NEEDS, Kind, kinds_for
from k5web.domain.desk.staff import Role
from k5web.domain.money import Price
from k5web.storage.accounts import subscribers
from k5web.web.desk import search as pages
from tests.services.house import House
from tests.web.conftest import Browser

Staff = Callable[..., Browser]


def many(k5: House, count: int, name: str = "Мария Петрова") -> None:
    with k5.ports.sessions.begin() as db:
        for place in range(count):
            made = Subscriber(700_000 + place, None, name, "RUB", "k5", None, Price.parse("5.00"))
            subscribers.add(db, made, None, k5.clock())


def test_a_payment_is_gone_to_at_once_by_its_providers_key(staff: Staff, k5: House) -> None:
    k5.top_up("100.00")
    browser = staff("money")
    answer = browser.get("/desk/search?q=in-1")
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"])
    assert "Зачислен" in page.text
    assert "100,00" in page.text


def test_several_things_are_listed_by_kind_with_phones_masked(staff: Staff, k5: House) -> None:
    many(k5, 2, "Анна Петрова")
    page = staff("desk").get("/desk/search?q=анна")
    assert page.status_code == 200
    assert "<caption>Абоненты</caption>" in page.text
    assert page.text.count("А. П.") == 2, "a whole name is shown for a reason alone"
    assert "Петрова" not in page.text
    assert "+7916***67" in page.text
    assert "79161234567" not in page.text


def test_a_long_list_goes_on_by_key(staff: Staff, k5: House) -> None:
    many(k5, 30)
    browser = staff("desk")
    first = browser.get("/desk/search?q=мария")
    [further] = [line.split('"')[3] for line in first.text.splitlines() if 'class="pages"' in line]
    second = browser.get(further.replace("&amp;", "&"))
    assert (first.text.count("М. П."), second.text.count("М. П.")) == (25, 5)


@pytest.mark.parametrize("typed", ["", "nobody-knows", "%3Cscript%3E", "%01", "я" * 5000])
def test_where_nothing_is_found_the_page_says_what_was_sought_and_how_to_write(staff: Staff, typed: str) -> None:
    page = staff("desk").get(f"/desk/search?q={typed}")
    assert page.status_code == 200
    assert "Как написать" in page.text
    assert "<script>" not in page.text
    assert ("ничего нет" in page.text) is (typed not in {"", "%01"})


def test_a_role_sees_the_kinds_it_may_and_no_others(staff: Staff, k5: House) -> None:
    k5.top_up("100.00")
    browser = staff("engineer")
    for typed in ("in-1", "+79161234567", "100 сегодня", "анна"):
        page = browser.get(f"/desk/search?q={typed.replace('+', '%2B')}")
        assert page.status_code == 200
        assert "ничего нет" in page.text, typed
        assert "ничего нет" in browser.get(f"/desk/search?q={typed}&kind=payment").text
    call = k5.order()
    answer = browser.get(f"/desk/search?q={call.id}")
    assert call.id in answer.text or call.id in answer.headers["Location"]


def test_each_kind_says_who_may_look_for_it() -> None:
    assert NEEDS.keys() == set(Kind)
    assert kinds_for({Role.PRICES}) == []
    assert kinds_for({Role.OWNER}) == list(Kind)
    assert kinds_for({Role.ENGINEER}) == [Kind.CALL]


@pytest.fixture
def desk_texts(app: Flask) -> Iterator[None]:
    with app.test_request_context("/desk"):
        yield


@pytest.mark.usefixtures("desk_texts")
def test_each_kind_has_its_title() -> None:
    assert len({pages._title(kind) for kind in Kind}) == len(Kind)
