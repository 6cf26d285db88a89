"""Notices of bills through the whole house, in their three protocols: cases E of the table of expected behaviour."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from connectors.qiwi import sandbox
from connectors.qiwi.bills import Bills
from connectors.qiwi.connector import open_connectors
from connectors.qiwi.sandbox_bills import Site
from k5web.domain.money import rub
from k5web.domain.payments.connector import Opening
from k5web.domain.payments.notice import WireRequest
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import ProviderUnknown
from k5web.services.payments import polling, refunds, topups
from k5web.services.payments.topups import TopUpRequest
from k5web.storage.session import Sessions, open_sessions
from tests.conftest import Clock
from tests.connectors.qiwi.network_house import Town
from tests.connectors.qiwi.wire_requests import (
    BILL,
    PAYIN,
    PULL,
    bill_notice,
    elements,
    hexed,
    payin_notice,
    pull_notice,
)
from tests.connectors.serving import served

SITES = {"bill": BILL, "pull": PULL, "payin": PAYIN}


class Shop(Town):
    """The house with a site that bills are made out at, the provider simulated beside it."""

    kind: str
    wallet: list[Site]

    def open(self, kind: str, url: str, folder: Path) -> Any:
        """Return the simulated provider's application."""
        self.kind = kind
        table = SITES[kind] | {"base_url": url}
        # The notices are delivered by the test: the simulated provider finds nobody at home
        options = SandboxOptions(url, "http://127.0.0.1:9", str(folder), self.clock)
        self.use(*open_connectors([table], Opening("https://t.k5.ru", self.clock)))
        return sandbox.create([table], options)

    @property
    def site(self) -> Bills:
        """The connector."""
        assert isinstance(self.connector, Bills)
        return self.connector

    def begin(self) -> TopUp:
        """Begin a top-up of 500.00."""
        wish = TopUpRequest(self.site.origin, rub("500.00"), "form-1", "https://t.k5.ru/pay/return/{reference}")
        return topups.begin(self.ports, self.caller, wish)

    def notice(self, order: TopUp | str, status: str = "paid", value: str = "500.00", currency: str = "RUB") -> Any:
        """Return a true notice about a bill."""
        number = order if isinstance(order, str) else order.number
        if self.kind == "bill":
            return bill_notice(bill=number, status=status.upper(), value=value, currency=currency)
        if self.kind == "pull":
            sent = {"command": "bill", "bill_id": number, "status": status, "error": "0", "amount": value}
            return pull_notice(sent | {"ccy": currency, "user": "tel:+79161234567", "prv_name": "K5", "comment": ""})
        payment = {
            "paymentId": "pay-1",
            "createdDateTime": "2026-12-01T12:00:00+03:00",
            "billId": number,
            "amount": {"value": value, "currency": currency},
            "status": {"value": "SUCCESS" if status == "paid" else "DECLINE"},
        }
        return payin_notice(payment, hexed(f"pay-1|2026-12-01T12:00:00+03:00|{value}", "k5-payin-key"))

    def is_acknowledged(self, request: WireRequest) -> bool:
        """Deliver a notice; return whether the answer ends it."""
        answer = self.take(request)
        return answer.status == 200 and (self.kind != "pull" or elements(answer)["result_code"] == "0")

    def state(self, order: TopUp) -> TopUpState:
        """How the top-up stands."""
        return topups.find(self.ports, order.reference).state


@contextmanager
def shop_of(kind: str, sessions: Sessions, folder: Path) -> Iterator[Shop]:
    shop = Shop(sessions, Clock())
    apps: list[Any] = []
    with served(lambda environ, start: apps[0](environ, start)) as url:
        apps.append(shop.open(kind, url, folder))
        yield shop


@pytest.fixture
def books(sqlite_url: str) -> Iterator[Sessions]:
    """One database is enough here: how bills are booked in both is held by the services' own tests."""
    opened = open_sessions(sqlite_url, sqlite_url)
    yield opened
    opened.dispose()


@pytest.fixture(params=list(SITES))
def shop(request: pytest.FixtureRequest, books: Sessions, tmp_path: Path) -> Iterator[Shop]:
    """Each protocol."""
    with shop_of(request.param, books, tmp_path) as found:
        yield found


def decide(shop: Shop, order: TopUp, state: str) -> None:
    """Be the payer at the provider's."""
    [site] = [cell for cell in sites_of(shop) if order.number in cell.bills]
    assert site.decide(site.bills[order.number], state, copies=0)


def sites_of(shop: Shop) -> list[Site]:
    return shop.wallet


@pytest.fixture(autouse=True)
def _remember_sites(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests reach the simulated provider's own books."""
    made: list[Site] = []
    monkeypatch.setattr(Shop, "wallet", made, raising=False)

    class Remembered(Site):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            made.append(self)

    monkeypatch.setattr("connectors.qiwi.sandbox.Site", Remembered)


@pytest.mark.server
def test_e_paid_the_first_time_credits_once_and_again_changes_nothing(shop: Shop) -> None:
    order = shop.begin()
    assert order.state is TopUpState.WAITING
    decide(shop, order, "PAID")
    for _ in range(3):
        assert shop.is_acknowledged(shop.notice(order))
        assert (shop.state(order), shop.balance()) == (TopUpState.PAID, rub("500.00"))
    shop.assert_sound()


@pytest.mark.server
def test_e_an_unknown_bill_is_acknowledged_except_by_code_5_of_pull(shop: Shop) -> None:
    answer = shop.take(shop.notice("K5-999-1"))
    assert answer.status == 200
    assert shop.kind != "pull" or elements(answer) == {"result_code": "5"}
    assert shop.balance() == rub("0.00")
    assert shop.kind == "payin" or shop.incidents() == ["unknown_topup"]
    assert shop.is_acknowledged(shop.notice("not-one-of-ours")) or shop.kind == "pull"


@pytest.mark.server
def test_e_a_bad_signature_moves_nothing(shop: Shop) -> None:
    order = shop.begin()
    decide(shop, order, "PAID")
    true = shop.notice(order)
    header = next(name for name in true.headers if "signature" in name)
    answer = shop.take(replace(true, headers={**true.headers, header: "0" * 64}))
    assert answer.status == 403
    assert (answer.body == b"") == (shop.kind != "pull")
    assert shop.kind != "pull" or elements(answer) == {"result_code": "151"}
    assert (shop.state(order), shop.balance()) == (TopUpState.WAITING, rub("0.00"))


@pytest.mark.server
@pytest.mark.parametrize("changes", [{"value": "5.00"}, {"value": "500.01"}, {"currency": "KGS"}, {"currency": "USD"}])
@pytest.mark.parametrize("kind", ["bill", "pull"])
def test_e_another_sum_or_currency_is_no_credit_but_acknowledged(
    books: Sessions, tmp_path: Path, kind: str, changes: dict[str, str]
) -> None:
    with shop_of(kind, books, tmp_path) as shop:
        order = shop.begin()
        assert shop.is_acknowledged(shop.notice(order, **changes))
        assert shop.balance() == rub("0.00")
        assert shop.incidents() == ["topup_amount"]


@pytest.mark.server
def test_e_payins_other_sum_is_the_interfaces_word(books: Sessions, tmp_path: Path) -> None:
    """Its notice says neither state nor bill with a signature: what the interface says counts."""
    with shop_of("payin", books, tmp_path) as shop:
        order = shop.begin()
        assert shop.is_acknowledged(shop.notice(order))  # "paid", but nobody has
        assert (shop.state(order), shop.balance()) == (TopUpState.WAITING, rub("0.00"))
        [bill] = sites_of(shop)[0].bills.values()
        decide(shop, order, "PAID")
        bill.amount = rub("5.00")
        assert shop.is_acknowledged(shop.notice(order))
        assert shop.balance() == rub("0.00")
        assert shop.incidents() == ["topup_amount"]


@pytest.mark.server
@pytest.mark.parametrize("end", ["REJECTED", "EXPIRED"])
def test_e_paid_after_the_end_is_asked_after_and_credited_where_it_is_true(shop: Shop, end: str) -> None:
    order = shop.begin()
    [bill] = sites_of(shop)[0].bills.values()
    bill.state = end
    topups.look(shop.ports, order.reference)
    ended = TopUpState.DECLINED if end == "REJECTED" else TopUpState.EXPIRED
    assert shop.state(order) is ended
    assert shop.is_acknowledged(shop.notice(order))
    assert (shop.state(order), shop.balance()) == (ended, rub("0.00"))  # the provider says that it is not
    bill.state, bill.payment_id = "PAID", "pay-1"
    assert shop.is_acknowledged(shop.notice(order))
    assert (shop.state(order), shop.balance()) == (TopUpState.PAID, rub("500.00"))


@pytest.mark.server
def test_e_rejected_after_paid_is_ignored(shop: Shop) -> None:
    order = shop.begin()
    decide(shop, order, "PAID")
    shop.is_acknowledged(shop.notice(order))
    assert shop.is_acknowledged(shop.notice(order, status="rejected"))
    assert (shop.state(order), shop.balance()) == (TopUpState.PAID, rub("500.00"))


@pytest.mark.server
def test_e_a_database_that_is_down_is_told_later(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order = shop.begin()
    decide(shop, order, "PAID")

    def gone(*args: object, **kwargs: object) -> None:
        raise OperationalError("", {}, Exception())

    with monkeypatch.context() as patch:
        patch.setattr("k5web.storage.payments.notice_rows.add", gone)
        patch.setattr("k5web.storage.payments.top_up_rows.lock", gone)
        answer = shop.take(shop.notice(order))
    if shop.kind == "pull":
        assert elements(answer) == {"result_code": "13"}
    else:
        assert answer.status == 500
    assert shop.is_acknowledged(shop.notice(order))
    assert shop.balance() == rub("500.00")


@pytest.mark.server
def test_e_a_lost_answer_to_the_making_out_is_asked_again_under_the_same_number(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, asked = type(shop.site).start, []

    def lossy(site: Bills, order: TopUp) -> Any:
        started = start(site, order)
        asked.append(order.number)
        if len(asked) == 1:
            raise ProviderUnknown(reason="the answer was lost")
        return started

    monkeypatch.setattr(type(shop.site), "start", lossy)
    order = shop.begin()
    assert asked == [order.number] * 2
    assert order.pay_url
    assert [list(site.bills) for site in sites_of(shop)] == [[order.number]]


@pytest.mark.server
def test_e_a_lost_answer_to_a_refund_is_looked_for_before_it_is_asked_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = shop.begin()
    decide(shop, order, "PAID")
    shop.is_acknowledged(shop.notice(order))
    [bill] = sites_of(shop)[0].bills.values()
    site, asked = shop.site, []

    def lossy(*facts: Any) -> None:
        type(site)._refund(site, *facts)
        asked.append(facts)
        raise ProviderUnknown(reason="the answer was lost")

    monkeypatch.setattr(site, "_refund", lossy)
    for _ in range(2):
        site.refund(order, rub("200.00"), "refund-1")
    assert len(asked) == 1
    assert bill.given_back == rub("200.00")


@pytest.mark.server
@pytest.mark.parametrize("took_place", [True, False])
def test_e_a_refund_nobody_heard_of_is_asked_after_by_its_own_key(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, took_place: bool
) -> None:
    order = shop.begin()
    decide(shop, order, "PAID")
    shop.is_acknowledged(shop.notice(order))
    site = shop.site

    def lost(*facts: Any) -> None:
        if took_place:
            type(site).refund(site, *facts)
        raise ProviderUnknown(reason="the answer was lost")

    monkeypatch.setattr(site, "refund", lost)
    with pytest.raises(ProviderUnknown):
        refunds.refund(shop.ports, order.reference, rub("200.00"), "staff:1")
    assert (shop.balance(), shop.held()) == (rub("500.00"), rub("200.00"))
    shop.clock.now += refunds.SETTLES_IN
    assert polling.poll(shop.ports) == 1
    assert (shop.balance(), shop.held()) == (rub("300.00" if took_place else "500.00"), rub("0.00"))
    assert shop.state(order) is (TopUpState.PART_REFUNDED if took_place else TopUpState.PAID)


@pytest.mark.server
def test_s4_a_true_notice_of_a_year_ago_credits_nothing_more(shop: Shop) -> None:
    order = shop.begin()
    decide(shop, order, "PAID")
    recorded = shop.notice(order)
    for pause in (timedelta(0), timedelta(seconds=1), timedelta(minutes=6), timedelta(days=365)):
        shop.clock.now += pause
        assert shop.is_acknowledged(recorded)
        assert shop.balance() == rub("500.00")
