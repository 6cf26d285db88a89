"""Links to the simulated provider that would pay what a page shows: only where K5 is tried, never in a real house."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from k5web.config.partners import PartnerEntry
from k5web.config.table import PartnerTable
from k5web.config.toml import Place
from k5web.domain.payments.payment_way import Payer, Way
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.domain.phrase import phrase
from k5web.errors import ProviderUnknown
from k5web.services.payments import topups
from k5web.services.ports import Connectors
from tests.domain import gost_reader
from tests.fakes.connector import PARTNER, FakeConnector
from tests.fakes.payee import ROMASHKA
from tests.services.accounts.stock import A
from tests.services.house import House
from tests.services.pbx.test_publishing import rent
from tests.web.conftest import Browser
from tests.web.payments.fake_way import FakeWay, begin, form_of

STAND = "http://127.0.0.1:8090"
PLACE = Place("K5_CONNECTORS", "connectors.toml", 1, ())
TRIED: dict[str, object] = {"partners": (PartnerEntry("fake", {}, PLACE, STAND),)}
REAL: dict[str, object] = {"partners": (PartnerEntry("fake", {}, PLACE),)}
WORDS = "Попробовать"


class Terminal(FakeConnector):
    """A provider that pays to accounts: nothing begins here."""

    start = None  # type: ignore[assignment]

    def explain(self, payer: Payer | None) -> Way:
        """Tell the payer's account."""
        return Way("Терминал", phrase("Деньги сразу."), account=str(payer.id) if payer else "")


@pytest.fixture
def bank() -> FakeWay:
    return FakeWay()


@pytest.fixture
def open_phone(k5: House, make_app: Callable[..., Flask], bank: FakeWay) -> Callable[..., Browser]:
    """Return a phone whose owner is logged in, before a house with these settings."""
    k5.ports = replace(
        k5.ports,
        connectors=Connectors(
            [bank, Terminal(PartnerTable({**PARTNER, "code": "terminal"}, set()).partner({"plain"}))]
        ),
    )

    def opened(**changes: object) -> Browser:
        site = str(changes.get("public_url", "http://localhost"))
        phone = Browser(make_app(**changes).test_client(), site)
        assert phone.log_in().status_code == 303
        return phone

    return opened


def link(page: str) -> tuple[str, dict[str, str]]:
    """Return where the only link to try leads, and what it says."""
    found = [unescape(href) for href in re.findall(r'href="([^"]*/try\?[^"]*)"', page)]
    assert len(found) == page.count(WORDS) == 1
    parts = urlsplit(found[0])
    return f"{parts.scheme}://{parts.netloc}{parts.path}", {
        name: value for name, [value] in parse_qs(parts.query).items()
    }


@pytest.mark.parametrize(
    ("changes", "leads_to", "codes"),
    [
        (REAL, "https://qr.example/1", 1),
        (TRIED, f"{STAND}/fake/try", 0),  # another phone would look for the stand on itself
        (TRIED | {"public_url": "http://192.168.1.5:8000"}, "http://192.168.1.5:8090/fake/try", 1),
    ],
)
def test_the_banks_app_is_the_simulated_banks_page_where_k5_is_tried(
    open_phone: Callable[..., Browser], bank: FakeWay, changes: dict[str, object], leads_to: str, codes: int
) -> None:
    bank.app_link = "https://qr.example/1"
    phone = open_phone(**changes)
    page = phone.get(begin(phone, "500")).text
    [address] = re.findall(r'href="([^"?]*)[^"]*" rel="noreferrer">Оплатить через СБП', page)
    assert address == leads_to
    assert page.count("<svg") == codes


def make_invoice(phone: Browser) -> str:
    fields = {"name": "ООО «Лютик»", "inn": "7707083893", "kpp": "770701001", "sum": "700", "form_key": "one"}
    return phone.press("/me/invoices", "/me/invoices", None, **fields).headers["Location"]


def test_a_way_to_the_account_leads_to_the_terminal_that_has_it_filled_in(
    open_phone: Callable[..., Browser], k5: House
) -> None:
    phone = open_phone(**TRIED)
    address, said = link(phone.get("/pay/fake-terminal?sum=250,50").text)
    assert address == f"{STAND}/fake/try"
    assert said == {"partner": "terminal", "account": str(k5.caller.id), "sum": "250.50"}
    assert WORDS not in Browser(phone.client.application.test_client()).get("/pay/fake-terminal").text, (
        "a stranger has none"
    )


def test_a_payment_begun_here_leads_to_its_order_until_it_is_over(
    open_phone: Callable[..., Browser], k5: House
) -> None:
    phone = open_phone(**TRIED)
    shown = begin(phone, "500").partition("?")[0]
    [top_up] = _begun(k5)
    address, said = link(phone.get(shown).text)
    assert address == f"{STAND}/fake/try"
    assert said == {"partner": "bank", "order": top_up.number, "back": f"http://127.0.0.1:8000{shown}"}
    phone.press(shown, f"{shown}/cancel")
    assert WORDS not in phone.get(shown).text.replace("Попробовать ещё раз", "")


def test_a_payment_the_provider_may_not_know_leads_nowhere(
    open_phone: Callable[..., Browser], bank: FakeWay, k5: House
) -> None:
    phone = open_phone(**TRIED)
    bank.trouble = ProviderUnknown(reason="silence")
    phone.post("/pay/fake-bank", None, **form_of(phone.get("/pay/fake-bank").text), sum="500")
    [top_up] = _begun(k5)
    assert top_up.state is TopUpState.UNCLEAR
    assert WORDS not in phone.get(f"/me/pay/{top_up.reference}").text


def _begun(k5: House) -> Sequence[TopUp]:
    return topups.page(k5.ports, k5.caller.id)


def test_a_receipt_leads_to_the_bank_with_the_code_of_the_paper(open_phone: Callable[..., Browser], k5: House) -> None:
    phone = open_phone(**TRIED)
    address, said = link(phone.get("/pay/pd4?sum=500").text)
    assert address == f"{STAND}/bank/try"
    code = gost_reader.read(said["st"].encode())
    assert (code["PersonalAcc"], code["PersAcc"], code["Sum"]) == (ROMASHKA.account, str(k5.caller.id), "50000")
    assert said["back"] == "http://127.0.0.1:8000/me/invoices"
    assert "st" in link(phone.get("/pay/pd4").text)[1], "without a sum too"
    assert WORDS not in phone.get("/pay/pd4?sum=-1").text


def test_the_rule_of_a_number_leads_to_the_phone_that_rings_it(open_phone: Callable[..., Browser], k5: House) -> None:
    rent(k5)
    page = f"/me/numbers/{A}/rule"
    address = f"{STAND}/incoming/?to=%2B{A}"
    tried = open_phone(**TRIED)
    assert address in tried.get(page).text
    assert "/incoming/" not in open_phone(**REAL).get(page).text
    [switch] = tried.client.application.extensions["k5.settings"].switches
    assert "/incoming/" not in open_phone(**TRIED, switches=(replace(switch, kind="asterisk"),)).get(page).text


def test_an_invoice_leads_to_the_bank_with_its_buyer_while_it_is_open(open_phone: Callable[..., Browser]) -> None:
    phone = open_phone(**TRIED)
    shown = make_invoice(phone)
    address, said = link(phone.get(shown).text)
    assert address == f"{STAND}/bank/try"
    assert (said["payer"], said["inn"]) == ("ООО «Лютик»", "7707083893")
    assert "договор K5-" in gost_reader.read(said["st"].encode())["Purpose"]
    assert said["back"] == f"http://127.0.0.1:8000{shown}"
    phone.press(shown, f"{shown}/cancel")
    assert WORDS not in phone.get(shown).text


def test_in_the_room_the_links_name_the_address_of_the_room(open_phone: Callable[..., Browser]) -> None:
    """The stated one, whatever the request says about itself."""
    phone = open_phone(**TRIED, public_url="http://192.168.1.5:8000")
    address, said = link(phone.get("/pay/pd4").text)
    assert address == "http://192.168.1.5:8090/bank/try"
    assert said["back"].startswith("http://192.168.1.5:8000/")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        REAL,
        TRIED | {"public_url": "http://93.184.216.34:8000"},
        TRIED | {"public_url": "https://192.168.1.5"},
        TRIED | {"public_url": "https://t.k5.example"},
        TRIED | {"public_url": "http://t.k5.example"},
    ],
    ids=["no partners", "real partners", "public address", "https", "name by https", "name"],
)
def test_a_real_house_has_none_of_them(open_phone: Callable[..., Browser], changes: dict[str, object]) -> None:
    """On every page that has one where K5 is tried."""
    phone = open_phone(**changes)
    for path in (
        "/pay/fake-terminal?sum=5",
        begin(phone, "500").partition("?")[0],
        "/pay/pd4?sum=500",
        make_invoice(phone),
    ):
        page = phone.get(path)
        assert page.status_code == 200, path
        assert WORDS not in page.text, path
        assert "/try?" not in page.text, path
