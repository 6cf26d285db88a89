"""What pages weigh (docs/pages.md), compressed and with headers; a real browser counts again in tests/browser."""

import gzip
import re
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from k5web.domain.bank.invoice import Buyer
from k5web.domain.languages import NAMES
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.bank import invoices
from k5web.services.contacts import favourites
from tests.services.accounts.test_phones import add
from tests.services.house import House, publish
from tests.web.conftest import Browser
from tests.web.prices.test_pages import LONG_LIST

KB = 1024
SERVER_LINES = 120  # bytes: status line, Date, Server, Connection
STATIC = Path(__file__).parents[2] / "static"


def weight(answer: TestResponse) -> int:
    """Return the bytes of an answer on the wire."""
    return SERVER_LINES + sum(len(name) + len(value) + 4 for name, value in answer.headers) + len(answer.data)


def get(browser: Browser, path: str) -> TestResponse:
    """Open a page as browsers do: compressed."""
    return browser.get(path, **{"Accept-Encoding": "gzip"})


def linked(answer: TestResponse) -> list[str]:
    """Return what a page makes the browser fetch besides itself."""
    text = gzip.decompress(answer.data).decode()
    return re.findall(r'<(?:link[^>]+rel="stylesheet"[^>]+href|script[^>]+src|img[^>]+src)="([^"]+)"', text)


@pytest.fixture
def busy(phone: Browser, k5: House) -> Browser:
    """A phone with a month behind it."""
    publish(k5.ports, LONG_LIST | {"79": ("Россия мобильный", "1.75"), "7495": ("Москва городской", "0.45")}, 7)
    k5.clock.forward(seconds=5)
    k5.top_up("100.00")
    for _ in range(30):
        k5.talk(k5.order(), "1")
    for _ in range(5):
        k5.talk(k5.order(), "40")
    return phone


def test_the_call_page_is_one_request_of_ten_kilobytes(phone: Browser, k5: House) -> None:
    k5.top_up("100.00")
    page = get(phone, "/74951234567")
    assert linked(page) == []
    assert weight(page) <= 10 * KB


def test_the_login_page_is_one_request_of_ten_kilobytes(browser: Browser) -> None:
    page = get(browser, "/74951234567")
    assert linked(page) == []
    assert weight(page) <= 10 * KB


def test_the_pages_of_a_call_are_one_request(phone: Browser, k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    for _ in range(2):
        page = get(phone, f"/c/{call.id}")
        assert linked(page) == []
        assert weight(page) <= 10 * KB
        k5.talk(call, "65") if k5.call(call).state.is_live else None


@pytest.mark.parametrize("name", ["again", "call", "copy", "install", "later", "status", "password"])
def test_scripts_inside_pages_are_three_kilobytes(name: str) -> None:
    assert len(gzip.compress((STATIC / "inline" / f"{name}.js").read_bytes())) <= 3 * KB


def test_lists_weigh_twenty_kilobytes(busy: Browser) -> None:
    for path in ("/me/statement", "/me/calls", "/tariffs", "/tariffs?q=страна", "/tariffs?q=%2B74951234567"):
        page = get(busy, path)
        assert page.status_code == 200, path
        assert weight(page) + sum(weight(get(busy, part)) for part in linked(page)) <= 20 * KB, path


def test_the_code_for_a_card_is_one_request_of_three_kilobytes(browser: Browser) -> None:
    assert weight(get(browser, "/+74951234567.svg")) <= 3 * KB


def test_a_receipt_with_its_code_weighs_twenty_kilobytes(busy: Browser) -> None:
    for sum_ in ("", "9999999.99"):
        page = get(busy, f"/pay/pd4?sum={sum_}")
        assert page.status_code == 200, sum_
        assert weight(page) + sum(weight(get(busy, part)) for part in linked(page)) <= 20 * KB, sum_


def test_an_invoice_with_its_code_weighs_twenty_kilobytes(busy: Browser, k5: House) -> None:
    buyer = Buyer("Ж" * 160, "7708789018", "772401001", "Ж" * 200)
    invoices.make(k5.ports, k5.caller, rub("9999999.99"), buyer, "form")
    page = get(busy, "/me/invoices/1")
    assert page.status_code == 200
    assert weight(page) + sum(weight(get(busy, part)) for part in linked(page)) <= 20 * KB


def test_the_own_list_weighs_twenty_kilobytes_and_its_codes_forty(phone: Browser, k5: House) -> None:
    """Full, with the longest names: 25 rows of a page, three sheets of codes."""
    for n in range(60):
        name = f"{n} Имя человека, город, чей он и откуда, и ещё слово"
        favourites.keep(k5.ports, k5.caller.id, Msisdn(f"749512345{n:02d}"), name)
    page = get(phone, "/me/favourites")
    assert weight(page) + sum(weight(get(phone, part)) for part in linked(page)) <= 20 * KB
    assert weight(get(phone, "/me/favourites/sheet")) <= 40 * KB


OTHER = ["/", "/me", "/me/devices", "/me/limits", "/me/profile", "/me/tokens", "/me/access", "/me/statement/2"]
OTHER += ["/me/widgets", "/me/invoices", "/me/favourites/new"]


def test_other_pages_weigh_fourteen_and_share_eight_of_style(busy: Browser, k5: House) -> None:
    for path in (*OTHER, f"/me/calls/{k5.caller.id}-1"):
        page = get(busy, path)
        assert page.status_code == 200, path
        assert weight(page) <= 14 * KB, path
        shared = linked(page)
        assert sum(weight(get(busy, part)) for part in shared) <= 8 * KB, path
        for part in shared:
            assert "immutable" in get(busy, part).headers["Cache-Control"], (path, part)


def test_the_call_page_of_somebody_with_five_phones_weighs_no_more(phone: Browser, k5: House) -> None:
    k5.top_up("100.00")
    for n in range(2, 6):
        add(k5, Msisdn(f"7916000000{n}"), f"Телефон на даче номер {n}")
        k5.clock.forward(seconds=3600)
    page = get(phone, "/74951234567")
    assert linked(page) == []
    assert weight(page) <= 10 * KB


LANGUAGES = tuple(NAMES)
ONE_REQUEST = {"/74951234567": 10, "/99912345678": 10, "/": 10, "/c/{call}": 10, "/no-such-page": 3}
LISTS = ("/me/statement", "/me/calls", "/me/favourites", "/tariffs", "/tariffs?q=страна", "/tariffs?q=%2B74951234567")
TOGETHER = {**dict.fromkeys(LISTS, 20), "/pay/pd4": 20, "/pay/pd4?sum=9999999.99": 20, "/me/invoices/1": 20}
TOGETHER |= {"/me/favourites/sheet": 40 + 8}
STYLE_KB, SCRIPT_KB, PAGE_KB, STATUS_BYTES = 8, 6, 14, 6 * KB // 10
NOT_FOR_READERS = ("/api/", "/desk/", "/hooks/", "/widget/", "/static/", "/switch/", "/healthz", "/readyz", "/metrics")


def in_language(path: str, code: str) -> str:
    """Return the address of a page in a language."""
    return f"{path}{'&' if '?' in path else '?'}lang={code}"


def read_in(answer: TestResponse, code: str) -> TestResponse:
    """Return a page that speaks this language."""
    text = gzip.decompress(answer.data).decode() if answer.content_encoding == "gzip" else answer.text
    assert f'<html lang="{code}">' in text
    return answer


@pytest.fixture
def full(busy: Browser, k5: House) -> Browser:
    """The same phone with a full list, an invoice to pay, and a call that rings."""
    for n in range(60):
        name = f"{n} Имя человека, город, чей он и откуда, и ещё слово"
        favourites.keep(k5.ports, k5.caller.id, Msisdn(f"749512345{n:02d}"), name)
    buyer = Buyer("Ж" * 160, "7708789018", "772401001", "Ж" * 200)
    invoices.make(k5.ports, k5.caller, rub("9999999.99"), buyer, "form")
    return busy


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_a_call_shows_holds_its_budgets_in_every_language(
    full: Browser, browser: Browser, k5: House, code: str
) -> None:
    """A language with longer words may not cost a packet more: what a stranger gets, the price, the call, its end."""
    rung = k5.order()
    for path, most_kb in ONE_REQUEST.items():
        page = read_in(get(full, in_language(path.format(call=rung.id), code)), code)
        assert linked(page) == [], path
        assert weight(page) <= most_kb * KB, path
    for answered in (lambda _id: None, k5.switch.answer_a, k5.switch.answer_b):
        k5.work()
        answered(rung.id)
        k5.clock.forward(seconds=2)
        k5.work()
        status = get(full, f"/c/{rung.id}/status?lang={code}")
        assert 0 < weight(status) <= STATUS_BYTES
    k5.switch.hang_up(rung.id)
    k5.work()
    assert weight(get(full, f"/c/{rung.id}/status?lang={code}")) <= STATUS_BYTES
    over = read_in(get(full, in_language(f"/c/{rung.id}", code)), code)
    assert (linked(over), weight(over) <= 10 * KB) == ([], True)
    stranger = Browser(full.client.application.test_client())
    for path in ("/74951234567", "/login"):
        page = read_in(get(stranger, in_language(path, code)), code)
        assert (linked(page), weight(page) <= 10 * KB) == ([], True), path


def test_every_other_page_holds_its_budget_in_every_language(full: Browser, k5: House) -> None:
    """All pages that the map of addresses has without a name in them, and those of one thing that are listed here."""
    for code in LANGUAGES:
        budgets_are_held(full, k5, code)


def budgets_are_held(full: Browser, k5: House, code: str) -> None:
    """Weigh them in one language."""
    for path, most_kb in TOGETHER.items():
        page = read_in(get(full, in_language(path, code)), code)
        shared = sum(weight(get(full, part)) for part in linked(page))
        assert weight(page) + shared <= most_kb * KB, (code, path)
    known = {path.partition("?")[0] for path in (*ONE_REQUEST, *TOGETHER)}
    listed = ["/me/statement/2", f"/me/calls/{k5.caller.id}-1", "/me/favourites/74951234501"]
    rules = full.client.application.url_map.iter_rules()
    listed += [rule.rule for rule in rules if "GET" in (rule.methods or ()) and not rule.arguments]
    weighed = 0
    for path in sorted({*listed} - known):
        if path.startswith(NOT_FOR_READERS):
            continue
        page = get(full, in_language(path, code))
        if page.status_code != 200 or page.mimetype != "text/html":
            continue
        assert weight(page) <= PAGE_KB * KB, (code, path)
        for kind, most_kb in ((".css", STYLE_KB), (".js", SCRIPT_KB)):
            parts = [part for part in linked(page) if part.endswith(kind)]
            assert sum(weight(get(full, part)) for part in parts) <= most_kb * KB, (code, path, kind)
        weighed += 1
    assert weighed >= 30
