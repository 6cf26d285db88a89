"""In which language a page speaks, and how a reader chooses another (docs/pages.md)."""

import re

import pytest

from k5web.domain.languages import NAMES
from k5web.services.accounts import accounts
from k5web.web import language
from tests.services.house import House
from tests.web.conftest import Browser

ALL = tuple(NAMES)


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


@pytest.mark.usefixtures("all_offered")
@pytest.mark.parametrize(
    "path", ["/login", "/no-such-page", "/desk/login", "/desk/no-such-page", "/tariffs", "/74951234567"]
)
def test_the_switch_stands_on_every_page_and_the_page_says_its_language(browser: Browser, path: str) -> None:
    page = browser.get(f"{path}?lang=kk")
    assert spoken(page.text) == page.headers["Content-Language"] == "kk"
    for code, name in NAMES.items():
        switch = f'<a href="?lang={code}" lang="{code}" hreflang="{code}" rel="nofollow">{name}</a>'
        assert (switch in page.text) == (code != "kk")


@pytest.mark.usefixtures("all_offered")
def test_what_only_a_form_leads_to_offers_the_first_page_in_each_language(phone: Browser) -> None:
    page = phone.post("/c/100001-999/end", None)
    assert page.status_code == 404
    assert '<a href="/?lang=kk" lang="kk"' in page.text
    desk = phone.client.post("/desk/alarms/100001/1/stop", data={})
    assert '<a href="/desk/?lang=kk" lang="kk"' in desk.text


@pytest.mark.usefixtures("all_offered")
def test_the_desk_keeps_the_language_it_was_asked_in_and_not_that_of_an_account(phone: Browser, k5: House) -> None:
    accounts.choose_language(k5.ports, k5.caller.id, "ky")
    assert spoken(phone.get("/desk/login").text) == "ru"
    assert spoken(phone.get("/desk/login?lang=en").text) == "en"
    assert spoken(phone.get("/desk/login").text) == "en"


@pytest.mark.usefixtures("all_offered")
def test_a_page_in_another_language_than_the_accounts_may_become_the_accounts(phone: Browser, k5: House) -> None:
    button = '<button class="plain" name="language" value="kk">'
    assert button not in phone.get("/me?lang=kk").text, "nobody chose one: the cookie keeps it"
    accounts.choose_language(k5.ports, k5.caller.id, "ru")
    assert button in phone.get("/me?lang=kk").text
    phone.press("/me?lang=kk", "/me/profile/language", language="kk")
    assert spoken(phone.get("/me").text) == "kk"
    assert button not in phone.get("/me").text


@pytest.mark.usefixtures("all_offered")
def test_papers_for_banks_and_the_tax_office_are_russian_in_every_language(phone: Browser) -> None:
    page = phone.get("/me/documents/reconciliation?lang=en")
    assert spoken(page.text) == "en"
    if page.status_code == 200:
        assert '<svg class="sheet" lang="ru"' in page.text
