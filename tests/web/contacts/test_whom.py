"""Calls with one number: asked for by the number as people write it, or by a name of the own list."""

import re
from urllib.parse import urlencode

import pytest

from k5web.domain.prices.number import Msisdn
from k5web.services.contacts import favourites
from tests.services.house import House
from tests.web.books.test_cabinet import table
from tests.web.calls.call_page import words
from tests.web.conftest import Browser

PAGE, KAZAN = "/me/calls", "+78432123456"
DAYS = "&from=2026-12-01&to=2026-12-31"


@pytest.fixture
def called(k5: House) -> House:
    k5.top_up("300.00")
    k5.talk(k5.order(), "65")
    k5.talk(k5.order(KAZAN), "5")
    for number, name in ((Msisdn("74951234567"), "Офис"), (Msisdn("78432123456"), "Оля")):
        favourites.keep(k5.ports, k5.caller.id, number, name)
    return k5


def rows(text: str) -> list[str]:
    """Return the calls that a page lists, by their numbers."""
    return re.findall(r'href="/me/calls/[0-9]+-([0-9]+)"', text)


@pytest.mark.parametrize("typed", ["+74951234567", "8 (495) 123-45-67", "4951234567", "офис", "оф", "495 123"])
def test_a_number_is_found_as_it_is_written_or_by_its_name(phone: Browser, called: House, typed: str) -> None:
    page = phone.get(f"{PAGE}?{urlencode({'number': typed})}")
    assert rows(page.text) == ["1"]
    assert "С номером Офис +7 495 123-45-67" in words(page)
    assert rows(phone.get(PAGE).text) == ["2", "1"]


def test_what_can_be_two_numbers_says_the_other(phone: Browser, called: House) -> None:
    page = words(phone.get(f"{PAGE}?number=4951234200"))
    assert "Может быть, это другой номер: +49 5123 4200" in page
    assert "С этим номером таких звонков не было. Все звонки" in page


def test_several_of_a_name_are_chosen_from_at_the_field(phone: Browser, called: House) -> None:
    page = phone.get(f"{PAGE}?number=о&kind=callbacks{DAYS}")
    assert page.status_code == 400
    assert page.text.count("Выберите один из них или напишите имя целиком.") == 2
    links = re.findall(r'href="(/me/calls\?number=[^"]+)"><span class="what"><b>(\w+)', page.text)
    assert [name for _link, name in links] == ["Оля", "Офис"]
    assert rows(phone.get(links[0][0].replace("&amp;", "&")).text) == ["2"]


@pytest.mark.parametrize("typed", ["папа", "+7 777", "<b>" * 500])
def test_what_is_neither_is_said_at_the_field_and_kept_there(phone: Browser, called: House, typed: str) -> None:
    page = phone.get(f"{PAGE}?{urlencode({'number': typed})}")
    assert page.status_code == 400
    said = "Это не номер телефона, и такого имени в вашем списке нет."
    assert f'<a href="#number">{said}</a>' in page.text
    assert f'id="number-error">Ошибка: {said}' in page.text
    assert 'aria-invalid="true" aria-describedby="number-error"' in page.text
    assert phone.get(f"/me/calls.csv?{urlencode({'number': typed})}").status_code == 400


def test_days_kind_pages_and_files_keep_the_number(phone: Browser, called: House) -> None:
    for _ in range(26):
        called.talk(called.order(KAZAN), "5")
    page = phone.get(f"{PAGE}?number=оля&kind=callbacks{DAYS}")
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/me/[^"]*number=[^"]*)"', page.text)]
    assert {link.partition("?")[0] for link in links} == {PAGE, "/me/calls.csv", "/me/documents/files"}
    assert all("number=%2B78432123456" in link for link in links)
    assert all("from=2026-12-01&to=2026-12-31" in link for link in links)
    [further] = [link for link in links if "before=" in link]
    assert rows(phone.get(further).text) == ["3", "2"]
    assert page.text.count('name="kind" value="callbacks"') == 2, "in the form of the days and in that of the number"
    assert "Списано за звонки в эти дни 73,98 ₽" in words(page), "27 minutes to Kazan, without that to Moscow"
    assert len(table(phone.get(f"/me/calls.csv?number=оля{DAYS}"))) == 28


def test_a_page_of_a_number_leads_to_all_calls_with_it(phone: Browser, called: House) -> None:
    link = 'href="/me/calls?number=%2B74951234567"'
    for path in ("/+74951234567", f"{PAGE}/{called.caller.id}-1", "/me/favourites/74951234567"):
        assert link in phone.get(path).text, path
    assert "Все звонки с этим номером" not in phone.get("/+77172123456").text, "nobody was called there"
