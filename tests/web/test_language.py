"""In which language a page speaks, and that no text is missing where a language is offered (docs/pages.md)."""

import re
from io import BytesIO

import pytest
from babel.messages.mofile import write_mo

from k5web.services.accounts import accounts
from k5web.translations import update as catalogues
from k5web.web import language
from tests.services.house import House
from tests.web.conftest import Browser

ALL = ("ru", "ky", "kk", "en")


@pytest.fixture
def all_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if all four catalogues were complete."""
    monkeypatch.setattr(language, "OFFERED", ALL)


def spoken(page: str) -> str:
    found = re.search(r'<html lang="([a-z]+)">', page)
    assert found
    return found[1]


@pytest.mark.usefixtures("all_offered")
@pytest.mark.parametrize(
    ("linked", "account", "cookie", "preferred", "expected"),
    [
        ("", "", "", "", "ru"),
        ("", "", "", "ky-KG,ky;q=0.9,ru;q=0.8", "ky"),
        ("", "", "", "kk", "kk"),
        ("", "", "", "en-US,en;q=0.9", "ru"),
        ("", "", "", "ru,ky;q=0.9", "ru"),
        ("", "", "en", "ky", "en"),
        ("", "kk", "en", "ky", "kk"),
        ("ky", "kk", "en", "ru", "ky"),
        ("xx", "", "", "", "ru"),
        ("../ky", "", "'", ";;;q=", "ru"),
    ],
)
def test_a_link_goes_before_the_account_before_the_cookie_before_the_browser(
    phone: Browser, k5: House, linked: str, account: str, cookie: str, preferred: str, expected: str
) -> None:
    accounts.choose_language(k5.ports, k5.caller.id, account or None)
    phone.client.set_cookie("k5l", cookie)
    assert spoken(phone.get(f"/me/profile?lang={linked}", **{"Accept-Language": preferred}).text) == expected


@pytest.mark.usefixtures("all_offered")
def test_a_linked_language_is_kept_for_the_next_page(browser: Browser) -> None:
    assert spoken(browser.get("/login?lang=kk").text) == "kk"
    assert spoken(browser.get("/login").text) == "kk"
    assert spoken(browser.get("/no-such-page").text) == "kk"


@pytest.mark.usefixtures("all_offered")
def test_every_page_offers_the_others_each_by_its_own_name(browser: Browser) -> None:
    text = browser.get("/login?next=/me").text
    for code, name in (("ky", "Кыргызча"), ("kk", "Қазақша"), ("en", "English")):
        assert re.search(rf'<a href="\?next=%2Fme&amp;lang={code}" lang="{code}"[^>]*>{name}</a>', text)


@pytest.mark.usefixtures("all_offered")
def test_the_account_keeps_its_language_on_all_phones(phone: Browser, k5: House) -> None:
    phone.press("/me/profile", "/me/profile/language", language="ky")
    assert spoken(phone.get("/me/profile").text) == "ky"
    assert accounts.find_subscriber(k5.ports, str(k5.caller.id)).language == "ky"
    phone.press("/me/profile", "/me/profile/language", language="tlh")
    assert accounts.find_subscriber(k5.ports, str(k5.caller.id)).language is None


def test_a_language_is_offered_when_nothing_is_missing_in_it() -> None:
    complete = [code for code in ALL if catalogues.is_complete(catalogues.read(code))]
    assert tuple(complete) == language.OFFERED


@pytest.mark.parametrize("code", ALL)
def test_catalogues_are_in_line_with_the_pages_and_compiled(code: str) -> None:
    """If this fails: python -m k5web.translations.update"""
    catalogue = catalogues.read(code)
    assert {text.id for text in catalogue if text.id} == {text.id for text in catalogues.extract() if text.id}
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    assert catalogues.po_file(code).with_suffix(".mo").read_bytes() == compiled.getvalue()


@pytest.mark.parametrize(("code", "forms"), [("ru", 3), ("ky", 2), ("kk", 2), ("en", 2)])
def test_plurals_have_their_forms(code: str, forms: int) -> None:
    assert catalogues.read(code).num_plurals == forms


@pytest.mark.parametrize("code", ALL)
def test_translations_fill_the_same_places(code: str) -> None:
    for text in catalogues.read(code):
        assert not list(text.check()), text.id
