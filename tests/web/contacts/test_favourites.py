"""«Мой список»: kept from the call page, found, renamed, removed; as cards and as codes to print."""

import re

import pytest
from flask import Flask

from k5web.domain.contacts import favourite
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts
from k5web.services.contacts import favourites
from tests.services.house import House
from tests.web.calls.call_page import PAGE, plain, words
from tests.web.conftest import PASSWORD, Browser

LIST = "/me/favourites"


@pytest.fixture
def listed(phone: Browser, k5: House) -> Browser:
    """A phone whose owner keeps two numbers."""
    k5.top_up("50.00")
    for digits, name in (("74951234567", "Офис, <2>"), ("77172123456", "Мама")):
        favourites.keep(k5.ports, k5.caller.id, Msisdn(digits), name)
    return phone


def test_a_number_is_kept_from_its_call_page(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    way = re.search(r'href="(/me/favourites/new[^"]*)">В мой список', phone.get(PAGE).text)
    assert way
    form = phone.get(way[1])
    assert 'value="+74951234567"' in form.text
    answer = phone.press(way[1], LIST, number="8 495 123-45-67", name="Офис")
    assert answer.status_code == 303
    assert answer.headers["Location"] == LIST  # not the call page, which might ring it at once
    page = phone.get("/+74951234567")
    assert "+7 495 123-45-67 Офис" in words(page)
    assert "Изменить в моём списке" in page.text
    assert "В мой список" not in page.text


def test_the_list_shows_names_numbers_and_prices_and_leads_to_the_call(listed: Browser) -> None:
    page = listed.get(LIST)
    said = words(page)
    assert "Мама +7 7172 12 34 56" in said.replace("-", " ")
    assert "2,20 ₽/мин" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert 'href="/+77172123456"' in page.text
    assert "Офис, &lt;2&gt;" in page.text


def test_a_search_is_a_plain_link_that_needs_no_script(listed: Browser) -> None:
    found = words(listed.get(f"{LIST}?q=ма"))
    assert "Мама" in found
    assert "Офис" not in found
    nothing = words(listed.get(f"{LIST}?q=Пётр"))
    assert "В списке такого нет" in nothing


def test_an_entry_is_renamed_and_removed(listed: Browser, k5: House) -> None:
    edit = re.search(r'href="(/me/favourites/77172123456)"', listed.get(f"{LIST}?edit=1").text)
    assert edit
    assert listed.press(edit[1], edit[1], name="Мамочка").status_code == 303
    assert "Имя изменено" in listed.get(LIST).text
    assert favourites.get(k5.ports, k5.caller.id, Msisdn("77172123456")).name == "Мамочка"
    assert listed.press(edit[1], f"{edit[1]}/remove").status_code == 303
    assert "Номер удалён из списка" in listed.get(LIST).text
    assert listed.get(edit[1]).status_code == 404


@pytest.mark.parametrize(
    ("fields", "at", "said"),
    [
        ({"number": "12", "name": "Мама"}, "number", "Ошибка:"),
        ({"number": "+77172123456", "name": " "}, "name", "Дайте название"),
        ({"number": "+77172123456", "name": "я" * 61}, "name", "Дайте название"),
    ],
)
def test_what_is_wrong_is_named_at_its_field_and_the_typed_text_stays(
    phone: Browser, fields: dict[str, str], at: str, said: str
) -> None:
    answer = phone.press(f"{LIST}/new", LIST, None, **fields)
    assert answer.status_code == 400
    assert f'id="{at}-error"' in answer.text
    assert said in plain(answer)
    assert all(f'value="{value}"' in answer.text for value in fields.values())


def test_a_full_list_says_so(phone: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(favourite, "MOST", 0)
    answer = phone.press(f"{LIST}/new", LIST, number="+77172123456", name="Мама")
    assert answer.status_code == 409
    assert "Больше 0 нельзя" in plain(answer)


def test_a_wrong_new_name_shows_the_entry_again(listed: Browser) -> None:
    answer = listed.press(f"{LIST}/77172123456", f"{LIST}/77172123456", name="")
    assert answer.status_code == 400
    assert 'id="name-error"' in answer.text


@pytest.mark.parametrize("digits", ["abc", "79990000000", "9" * 40])
def test_an_entry_that_is_not_there_is_not_found(listed: Browser, digits: str) -> None:
    assert listed.get(f"{LIST}/{digits}").status_code == 404
    assert listed.press(LIST + "/new", f"{LIST}/{digits}", name="Имя").status_code == 404


def test_nobody_sees_or_changes_anothers_list(listed: Browser, app: Flask, k5: House) -> None:
    """S16: the same addresses, somebody else."""
    accounts.add_subscriber(k5.ports, Msisdn("79270000001"), PASSWORD, "Ольга")
    other = Browser(app.test_client())
    other.log_in("79270000001")
    assert "Мама" not in other.get(LIST).text
    assert "Мама" not in other.get(f"{LIST}.vcf").text
    assert other.get(f"{LIST}/77172123456").status_code == 404
    assert other.press(f"{LIST}/new", f"{LIST}/77172123456", name="Чужая").status_code == 404
    other.press(f"{LIST}/new", f"{LIST}/77172123456/remove")
    assert favourites.get(k5.ports, k5.caller.id, Msisdn("77172123456")).name == "Мама"


def test_a_form_without_its_token_changes_nothing(listed: Browser, k5: House) -> None:
    for path in (LIST, f"{LIST}/77172123456", f"{LIST}/77172123456/remove"):
        assert listed.post(path, number="+78432123456", name="Чужое").status_code == 400
    assert [each.name for each in favourites.all_of(k5.ports, k5.caller.id)] == ["Мама", "Офис, <2>"]


def test_the_whole_list_is_a_file_of_cards_with_call_links(listed: Browser) -> None:
    answer = listed.get(f"{LIST}.vcf")
    assert answer.mimetype == "text/vcard"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="k5.vcf"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.count("BEGIN:VCARD\r\nVERSION:3.0\r\n") == 2
    assert "FN:Офис\\, <2>\r\nTEL:+74951234567\r\nURL:http://127.0.0.1:8000/+74951234567\r\n" in answer.text
    assert "\n" not in answer.text.replace("\r\n", "")


def test_recent_numbers_have_their_names(listed: Browser, k5: House) -> None:
    k5.talk(k5.order("+77172123456"), "5")
    k5.talk(k5.order("+78432123456"), "5")
    said = words(listed.get("/"))
    assert "Мама +7 717" in said
    assert "+7 843 212-34-56 " in said


def test_codes_to_print_are_sheets_with_every_name(listed: Browser) -> None:
    page = listed.get(f"{LIST}/sheet")
    assert page.text.count('<svg class="sheet"') == 1
    assert page.text.count('shape-rendering="crispEdges"') == 2
    assert ">Мама</text>" in page.text


def test_sheets_of_a_long_list_follow_each_other(phone: Browser, k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k5web.web.contacts.favourites.SHEETS", 1)
    for n in range(19):
        favourites.keep(k5.ports, k5.caller.id, Msisdn(f"749512345{n:02d}"), f"Имя {n}")
    first, second = (phone.get(f"{LIST}/sheet?page={n}").text for n in (1, 2))
    assert "sheet?page=2" in first
    assert "sheet?page" not in second
    assert (first.count("crispEdges"), second.count("crispEdges")) == (18, 1)
