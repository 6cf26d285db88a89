"""Saved cards in the cabinet: chosen to pay, removed, charged by themselves; only ever the owner's own."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from k5web.domain.money import rub
from k5web.domain.payments.auto_top_up import AutoTopUp, OffWhy
from k5web.domain.payments.connector import Seen, Started
from k5web.domain.payments.top_up import SavedCard, TopUp, TopUpState
from k5web.domain.prices.number import Msisdn
from k5web.errors import ProviderUnknown, SavedCardGone
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.payments import auto_topups, saved_cards, topups
from k5web.services.ports import Connectors
from k5web.storage.accounts import subscribers
from k5web.storage.payments import auto_top_up_rows, saved_card_rows
from tests.services.house import House
from tests.web.conftest import PASSWORD, Browser, token_of
from tests.web.payments.fake_way import GATEWAY, FakeWay, form_of

FORM = {"card": "1", "threshold": "100", "amount": "300", "daily_cap": "600,00"}


class FakeGateway(FakeWay):
    """A provider that keeps cards; one of them is charged without a page."""

    offers_keeping = True

    def __init__(self, **keys: object) -> None:
        super().__init__(**keys)
        self.forgotten: list[str] = []

    def start(self, top_up: TopUp) -> Started:
        """Give a page, where no saved card is charged."""
        started = super().start(top_up)
        return Started(started.provider_id, pay_url="" if top_up.saved_card_id else GATEWAY)

    def forget_card(self, card_id: str) -> None:
        """Forget it."""
        if self.trouble:
            raise self.trouble
        self.forgotten.append(card_id)


@pytest.fixture
def bank() -> FakeGateway:
    return FakeGateway(minimum="10.00", maximum="1000.00")


@pytest.fixture
def app(make_app: Callable[..., Flask], k5: House, bank: FakeGateway) -> Flask:
    """The application of a house with one gateway, and another that knows none of its cards."""
    k5.ports = replace(k5.ports, connectors=Connectors([bank, FakeGateway(code="other")]))
    return make_app()


def save_card(k5: House, mask: str = "4111**1111", expires: str = "203012", owner_id: int | None = None) -> None:
    with k5.ports.sessions.begin() as db:
        card = SavedCard(f"bind-{mask}", mask, expires)
        saved_card_rows.keep(db, owner_id or k5.caller.id, "fake:bank", card, k5.clock())


def wish(k5: House) -> AutoTopUp | None:
    return auto_topups.find(k5.ports, k5.caller.id)


@pytest.fixture
def owner(phone: Browser, k5: House) -> Browser:
    """A phone whose owner has one saved card."""
    save_card(k5)
    return phone


def pay(phone: Browser, **fields: str) -> str:
    """Fill the form of the way and return where it leads to."""
    page = phone.get("/pay/fake-bank")
    answer = phone.post("/pay/fake-bank", None, **form_of(page.text), sum="500", **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


# To pay


def test_the_gateway_knows_the_payer_only_where_the_payer_wants_the_card_kept(
    phone: Browser, bank: FakeGateway
) -> None:
    page = phone.get("/pay/fake-bank").text
    assert 'name="keep"' in page
    assert 'name="card"' not in page
    pay(phone)
    pay(phone, keep="1")
    assert [bool(started.payer_key) for started in bank.started] == [False, True]


def test_an_acquirer_that_keeps_no_cards_asks_nobody(phone: Browser, bank: FakeGateway) -> None:
    bank.offers_keeping = False
    assert 'name="keep"' not in phone.get("/pay/fake-bank").text
    pay(phone, keep="1")
    assert bank.started[0].payer_key == ""


def test_a_saved_card_pays_at_once(owner: Browser, k5: House, bank: FakeGateway) -> None:
    page = owner.get("/pay/fake-bank").text
    assert "Картой 4111 •• 1111" in page
    assert 'value="1" checked> Картой' in page
    assert "4111" not in owner.get("/pay/fake-other").text
    paid = Seen(TopUpState.PAID, rub("500.00"), provider_id="P1", occurred_at=k5.clock())
    bank.on_start = lambda top_up: bank.seen.update({top_up.number: paid})
    end = owner.get(pay(owner, card="1")).text
    assert "✓ Деньги на счёте" in end
    assert bank.started[0].saved_card_id == "bind-4111**1111"
    assert k5.balance() == rub("500.00")


def test_another_card_goes_to_the_gateways_page(owner: Browser, bank: FakeGateway) -> None:
    assert GATEWAY in owner.get(pay(owner, card="")).text
    assert bank.started[0].saved_card_id == ""


def test_the_same_form_charges_a_saved_card_once_and_no_other_card(
    owner: Browser, k5: House, bank: FakeGateway
) -> None:
    save_card(k5, "5555**4444")
    fields = form_of(owner.get("/pay/fake-bank").text)
    for _press in range(3):
        assert owner.post("/pay/fake-bank", None, **fields, sum="500", card="1").status_code == 303
    assert owner.post("/pay/fake-bank", None, **fields, sum="500", card="2").status_code == 409
    assert len(bank.started) == 1


@pytest.mark.parametrize("card", ["2", "99", "999999999"])
def test_a_card_that_is_not_the_payers_is_not_charged(owner: Browser, k5: House, bank: FakeGateway, card: str) -> None:
    theirs = add_subscriber(k5.ports, Msisdn("79160000001"), PASSWORD, "Ольга")
    save_card(k5, owner_id=theirs.id)
    save_card(k5, "5555**4444", owner_id=theirs.id)
    page = owner.get("/pay/fake-bank")
    answer = owner.post("/pay/fake-bank", None, **form_of(page.text), sum="500", card=card)
    assert answer.status_code == 409
    assert "Эта карта больше не сохранена в банке. Деньги не списаны." in answer.text
    assert 'value="500"' in answer.text
    assert bank.started == []


def test_a_card_the_gateway_forgot_is_said_and_gone(owner: Browser, k5: House, bank: FakeGateway) -> None:
    bank.trouble = SavedCardGone(reason="unknown binding")
    page = owner.get("/pay/fake-bank")
    answer = owner.post("/pay/fake-bank", None, **form_of(page.text), sum="500", card="1")
    assert "Эта карта больше не сохранена в банке." in answer.text
    assert saved_cards.cards(k5.ports, k5.caller.id) == []


def try_card(phone: Browser, sum: str, **fields: str) -> TestResponse:
    page = phone.get("/pay/fake-bank")
    return phone.post("/pay/fake-bank", None, **form_of(page.text), sum=sum, card="1", **fields)


def test_a_remembered_phone_charges_a_card_up_to_a_sum_a_day_and_then_the_password_is_asked(
    owner: Browser, k5: House, bank: FakeGateway
) -> None:
    k5.clock.forward(minutes=16)
    assert [try_card(owner, sum).status_code for sum in ("400", "600")] == [303, 303]
    asked = try_card(owner, "10")
    assert asked.status_code == 403
    assert "введите пароль" in asked.text
    assert 'name="password"' in asked.text
    assert 'value="10"' in asked.text
    assert len(bank.started) == 2
    wrong = try_card(owner, "10", password="battery staple")
    assert wrong.status_code == 403
    assert "Пароль не подходит." in wrong.text
    assert try_card(owner, "10", password=PASSWORD).status_code == 303
    assert try_card(owner, "1000").status_code == 303, "typed just now"
    k5.clock.forward(minutes=16)
    assert try_card(owner, "10").status_code == 403
    k5.clock.forward(days=1)
    assert try_card(owner, "10").status_code == 303, "another day"


def test_the_day_is_counted_over_all_phones_and_declines_are_not(
    owner: Browser, app: Flask, k5: House, bank: FakeGateway
) -> None:
    other = Browser(app.test_client())
    other.log_in()
    k5.clock.forward(minutes=16)
    try_card(owner, "900")
    assert try_card(other, "101").status_code == 403
    bank.seen[bank.started[0].number] = Seen(TopUpState.DECLINED)
    topups.look(k5.ports, bank.started[0].reference)
    assert try_card(other, "101").status_code == 303


def test_the_day_is_the_cap_that_was_agreed_for_automatic_top_ups_or_the_operators(
    owner: Browser, k5: House, make_app: Callable[..., Flask]
) -> None:
    owner.press("/me/cards/auto", "/me/cards/auto", None, **FORM)  # 600 a day
    k5.clock.forward(minutes=16)
    assert [try_card(owner, sum).status_code for sum in ("601", "600", "10")] == [403, 303, 403]
    k5.ports = replace(k5.ports, card_day=rub("700.00"))
    again = Browser(make_app().test_client())
    again.log_in()
    k5.clock.forward(minutes=16)
    assert [try_card(again, sum).status_code for sum in ("101", "100", "10")] == [403, 303, 403]


def test_another_card_that_is_typed_at_the_gateway_is_not_counted(owner: Browser, k5: House) -> None:
    k5.clock.forward(minutes=16)
    for _ in range(3):
        pay(owner, card="")
    assert try_card(owner, "1000").status_code == 303


# Seen and removed


def test_cards_are_listed_by_mask_and_month(owner: Browser, k5: House) -> None:
    save_card(k5, "5555**4444", "202601")
    page = owner.get("/me/cards").text
    assert "4111 •• 1111" in page
    assert "до 12.2030" in page
    assert "срок вышел 01.2026" in page
    assert "bind-" not in page
    assert 'href="/me/cards"' in owner.get("/me").text


def test_removing_is_asked_once_more_and_tells_the_gateway(owner: Browser, k5: House, bank: FakeGateway) -> None:
    page = owner.get("/me/cards").text
    assert re.search(r"<summary>Удалить карту</summary>.*?/me/cards/1/remove.*?Да, удалить", page, re.DOTALL)
    answer = owner.press("/me/cards", "/me/cards/1/remove")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/cards")
    assert bank.forgotten == ["bind-4111**1111"]
    assert "Сохранённых карт нет" in owner.get("/me/cards").text
    assert owner.press("/me/profile", "/me/cards/1/remove").status_code == 303, "gone stays gone"


def test_a_card_is_removed_while_the_gateway_is_away(owner: Browser, k5: House, bank: FakeGateway) -> None:
    bank.trouble = ProviderUnknown(reason="secret words")
    assert owner.press("/me/cards", "/me/cards/1/remove").status_code == 303
    assert saved_cards.cards(k5.ports, k5.caller.id) == []


def test_without_a_gateway_no_link_leads_here(make_app: Callable[..., Flask], k5: House) -> None:
    k5.ports = replace(k5.ports, connectors=Connectors([FakeWay()]))
    browser = Browser(make_app().test_client())
    browser.log_in()
    assert "/me/cards" not in browser.get("/me").text
    assert "Сохранённых карт нет" in browser.get("/me/cards").text


# By itself


def test_topping_up_by_itself_is_agreed_changed_and_ended(owner: Browser, k5: House) -> None:
    assert "Включить автопополнение" in owner.get("/me/cards").text
    answer = owner.press("/me/cards/auto", "/me/cards/auto", None, **FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/cards")
    agreed = wish(k5)
    assert agreed
    assert (agreed.threshold, agreed.amount, agreed.daily_cap) == (rub("100.00"), rub("300.00"), rub("600.00"))
    page = owner.get("/me/cards").text.replace("\N{NO-BREAK SPACE}", " ")
    assert (
        "Когда на счёте меньше 100,00 ₽, списываем 300,00 ₽ с карты 4111 •• 1111. За день не больше 600,00 ₽." in page
    )
    assert 'value="600,00"' in owner.get("/me/cards/auto").text
    owner.press("/me/cards", "/me/cards/auto/off")
    page = owner.get("/me/cards").text
    assert "Вы выключили автопополнение." in page
    assert "Включить автопополнение" in page


@pytest.mark.parametrize(
    ("why", "words"),
    [("declined", "банк отказал"), ("card_gone", "карты больше нет"), ("refused", "несколько раз отказала")],
)
def test_it_is_said_why_it_ended(owner: Browser, k5: House, why: OffWhy, words: str) -> None:
    owner.press("/me/cards/auto", "/me/cards/auto", None, **FORM)
    with k5.ports.sessions.begin() as db:
        auto_top_up_rows.switch_off(db, k5.caller.id, why)
    assert words in owner.get("/me/cards").text


def test_removing_its_card_ends_it(owner: Browser, k5: House) -> None:
    owner.press("/me/cards/auto", "/me/cards/auto", None, **FORM)
    assert "Автопополнение с этой карты тоже выключится." in owner.get("/me/cards").text
    owner.press("/me/cards", "/me/cards/1/remove")
    assert "карты больше нет" in owner.get("/me/cards").text


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"threshold": ""}, "threshold"),
        ({"amount": "много"}, "amount"),
        ({"daily_cap": "-600"}, "daily_cap"),
        ({"amount": "9,99"}, "amount"),
        ({"amount": "1000,01", "daily_cap": "5000"}, "amount"),
        ({"daily_cap": "299,99"}, "daily_cap"),
        ({"card": "2"}, "card"),
        ({"card": "x"}, "card"),
    ],
)
def test_terms_that_cannot_be_are_named_and_kept_in_the_form(
    owner: Browser, k5: House, changed: dict[str, str], field: str
) -> None:
    answer = owner.press("/me/cards/auto", "/me/cards/auto", None, **(FORM | changed))
    assert answer.status_code == 400
    assert f'role="alert"><a href="#{field}">' in answer.text
    if "daily_cap" not in changed:
        assert 'value="600,00"' in answer.text
    assert wish(k5) is None


def test_after_the_end_of_the_contract_it_is_not_offered_and_an_open_form_says_why(owner: Browser, k5: House) -> None:
    form = owner.get("/me/cards/auto")
    with k5.ports.sessions.begin() as db:
        subscribers.set_ended(db, k5.caller.id, k5.clock())
    answer = owner.post("/me/cards/auto", None, csrf_token=token_of(form), **FORM)
    for page in (answer, owner.get("/me/cards/auto")):
        assert "<h1>Автопополнение</h1>" in page.text
        assert "Договор закончился. Остаток денег можно вернуть по заявлению в кабинете." in page.text
        assert "Включить" not in page.text
    assert answer.status_code == 403
    assert wish(k5) is None
    assert "Включить автопополнение" not in owner.get("/me/cards").text


def test_agreeing_asks_for_the_password_and_ending_does_not(owner: Browser, k5: House) -> None:
    owner.press("/me/cards/auto", "/me/cards/auto", None, **FORM)
    k5.clock.forward(minutes=16)
    for answer in (owner.get("/me/cards/auto"), owner.press("/me/cards", "/me/cards/auto", None, **FORM)):
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/confirm?")
    owner.press("/me/cards", "/me/cards/auto/off")
    ended = wish(k5)
    assert ended
    assert ended.off_why == "owner"


def test_pages_of_cards_keep_their_budget(owner: Browser, k5: House) -> None:
    for n in range(8):
        save_card(k5, f"4111**{n:04}")
    for path in ("/me/cards", "/me/cards/auto", "/pay/fake-bank"):
        page = owner.get(path, **{"Accept-Encoding": "gzip"})
        assert page.status_code == 200
        assert len(page.data) + sum(len(name) + len(value) + 4 for name, value in page.headers) <= 14 * 1024
