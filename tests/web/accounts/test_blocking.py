"""A stopped subscriber at every door of the web: words of its own, and what was begun followed to its end."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts, blocking, tokens
from k5web.services.calls import missed_calls, widgets
from k5web.services.calls.widgets import TypedWidget
from k5web.services.ports import Connectors
from tests.services.house import ACCESS, OWN, THEIRS, House
from tests.web.calls.call_page import PAGE, made, plain, press
from tests.web.conftest import PASSWORD, Browser, token_of
from tests.web.payments.fake_way import FakeWay, begin, form_of
from tests.web.programs import Program

SAID = "Обслуживание по этому договору приостановлено. Деньги на счёте целы."


def block(k5: House) -> None:
    blocking.block(k5.ports, k5.caller.id, "staff:ivan", "stolen: do not tell")


@pytest.fixture
def bank() -> FakeWay:
    return FakeWay(minimum="10.00", maximum="1000.00")


@pytest.fixture
def app(make_app: Callable[..., Flask], k5: House, bank: FakeWay) -> Flask:
    k5.ports = replace(k5.ports, connectors=Connectors([bank]))
    return make_app(help_phone="74951110001")


def test_every_page_of_a_blocked_one_says_so_and_how_to_reach_us(phone: Browser, k5: House) -> None:
    block(k5)
    own = ("/me", "/me/statement", "/me/calls.csv", "/me/profile", "/me/tokens")
    for path in ("/", PAGE, "/pay", "/pay/fake-bank", *own):
        page = phone.get(path)
        assert page.status_code == 403, path
        assert SAID in plain(page), path
        assert "по телефону +7\N{NO-BREAK SPACE}495\N{NO-BREAK SPACE}111" in page.text, path
        assert "stolen" not in page.text, f"{path}: the reason is staff's"
        assert "Анна" not in page.text, path


def test_without_a_contact_in_the_settings_the_page_still_says_what_to_do(
    make_app: Callable[..., Flask], k5: House
) -> None:
    browser = Browser(make_app().test_client())
    browser.log_in()
    block(k5)
    assert "когда вы к нам обратитесь" in plain(browser.get("/me"))


def test_logging_in_says_it_after_the_right_password_alone(browser: Browser, k5: House) -> None:
    block(k5)
    wrong = browser.log_in(password="battery staple")
    assert SAID not in plain(wrong)
    assert "Номер или пароль не подходят" in plain(wrong)
    right = browser.log_in()
    assert (right.status_code, browser.cookie()) == (403, "")
    assert SAID in plain(right)


def test_whoever_shares_the_phone_can_leave_and_come_in(phone: Browser, k5: House) -> None:
    accounts.add_subscriber(k5.ports, Msisdn("79160000001"), PASSWORD, "Ольга")
    block(k5)
    assert 'name="login"' in phone.get("/login").text, "it is no page of theirs"
    left = phone.press("/me", "/logout")
    assert left.status_code == 303
    assert phone.log_in("79160000001").status_code == 303
    assert "Ольга" in phone.get("/me/profile").text


def test_everybodys_pages_stay_open(phone: Browser, k5: House) -> None:
    block(k5)
    assert phone.get("/tariffs").status_code == 200


def test_nothing_that_is_sent_moves_anything(phone: Browser, k5: House, bank: FakeWay) -> None:
    k5.top_up("100.00")
    page, form = phone.get(PAGE), form_of(phone.get("/pay/fake-bank").text)
    block(k5)
    assert press(phone, page).status_code == 403
    assert phone.post("/pay/fake-bank", None, **form, sum="500").status_code == 403
    token = token_of(phone.get("/me"))
    sent = phone.post("/me/profile/password", None, csrf_token=token, new_password="a whole new one 77")
    assert sent.status_code == 403
    assert made(k5) == []
    assert bank.started == []


def test_a_call_under_way_is_followed_and_ended(phone: Browser, k5: House) -> None:
    k5.top_up("100.00")
    called = press(phone, phone.get(PAGE)).headers["Location"]
    k5.work()
    block(k5)
    page = phone.get(called)
    assert page.status_code == 200
    assert phone.get(f"{called}/status").status_code == 200
    assert phone.post(f"{called}/end", None, csrf_token=token_of(page)).status_code == 303


def test_an_order_that_waited_says_that_it_was_not_begun(phone: Browser, k5: House) -> None:
    k5.top_up("100.00")
    called = press(phone, phone.get(PAGE)).headers["Location"]
    block(k5)
    page = plain(phone.get(called))
    assert "Звонок не начат: обслуживание приостановлено." in page
    assert "Это у нас" not in page


def test_a_payment_under_way_is_followed(phone: Browser, k5: House) -> None:
    paid = begin(phone, "500")
    block(k5)
    assert "Ждём оплаты" in phone.get(paid).text
    assert phone.get("/pay/return/K5-100001-1").status_code == 303


def test_a_program_gets_a_problem(app: Flask, k5: House) -> None:
    k5.top_up("100.00")
    program = Program(app, tokens.make_token(k5.ports, k5.caller.id, "shop", may_call=True))
    block(k5)
    for answer in (program.get("/account"), program.order()):
        assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
        assert answer.get_json()["code"] == "blocked"
        assert SAID in answer.get_json()["detail"]
    assert made(k5) == []


def test_a_button_on_a_site_vanishes_and_its_form_says_nothing_of_the_owner(app: Flask, k5: House) -> None:
    k5.top_up("100.00")
    button = widgets.make(k5.ports, k5.caller, TypedWidget("Лавка", "https://shop.example", "5,00", "20"))
    visitor = app.test_client()
    assert visitor.get(f"/widget/{button.code}.js").data
    block(k5)
    assert visitor.get(f"/widget/{button.code}.js").data == b""
    for answer in (
        visitor.get(f"/widget/{button.code}"),
        visitor.post(f"/widget/{button.code}", data={"number": THEIRS}),
    ):
        assert answer.status_code == 403
        assert "Звонки с этого сайта сейчас не работают." in answer.text
        assert "приостановлено" not in answer.text
        assert "Set-Cookie" not in answer.headers
    assert made(k5) == []


def test_a_missed_call_is_not_called_back_and_the_list_says_why(phone: Browser, k5: House) -> None:
    k5.top_up("100.00")
    missed_calls.assign(k5.ports, k5.caller, ACCESS[0], Msisdn.parse(THEIRS), "Мама")
    block(k5)
    k5.switch.miss(OWN.removeprefix("+"), ACCESS[0])
    k5.work()
    assert made(k5) == []
    blocking.unblock(k5.ports, k5.caller.id, "staff:ivan", "found")
    assert "обслуживание приостановлено" in plain(phone.get("/me/access"))


def test_after_the_block_the_remembered_phone_goes_on(phone: Browser, k5: House) -> None:
    block(k5)
    phone.get("/me")
    blocking.unblock(k5.ports, k5.caller.id, "staff:ivan", "found")
    assert phone.get("/me").status_code == 200


SUSPENDED = "Услуги приостановлены: нарушены условия договора."


def suspend(k5: House) -> None:
    blocking.suspend(k5.ports, k5.caller.id, "staff:ivan", "рассылка спама")


def test_a_breach_is_told_on_the_call_page_in_place_of_the_button(phone: Browser, k5: House) -> None:
    k5.top_up("100.00")
    seen = phone.get(PAGE)
    suspend(k5)
    for page in (phone.get(PAGE), press(phone, seen)):
        assert page.status_code == 403
        assert SUSPENDED in plain(page)
        assert 'action="/call"' not in page.text
    assert made(k5) == []


def test_the_cabinet_of_a_breach_says_why_since_when_and_until_when(phone: Browser, k5: House) -> None:
    suspend(k5)
    page = plain(phone.get("/me"))
    assert "Услуги приостановлены с 01.12.2026: рассылка спама." in page
    assert "Исправьте это до 01.06.2027 включительно" in page
    for path in ("/me/statement", "/pay", "/me/profile"):
        assert phone.get(path).status_code == 200
    blocking.resume(k5.ports, k5.caller.id, "staff:ivan", "settled")
    assert "приостановлены" not in plain(phone.get("/me"))


def test_a_payment_comes_in_while_services_rest(phone: Browser, k5: House, bank: FakeWay) -> None:
    suspend(k5)
    assert "Ждём оплаты" in phone.get(begin(phone, "500")).text


def test_a_program_looks_and_is_refused_to_order_while_services_rest(app: Flask, k5: House) -> None:
    k5.top_up("100.00")
    program = Program(app, tokens.make_token(k5.ports, k5.caller.id, "shop", may_call=True))
    suspend(k5)
    assert program.get("/account").status_code == 200
    answer = program.order()
    assert (answer.status_code, answer.get_json()["code"]) == (403, "suspended")
    assert made(k5) == []


def test_a_button_on_a_site_rests_with_the_services(app: Flask, k5: House) -> None:
    k5.top_up("100.00")
    button = widgets.make(k5.ports, k5.caller, TypedWidget("Лавка", "https://shop.example", "5,00", "20"))
    suspend(k5)
    visitor = app.test_client()
    assert visitor.get(f"/widget/{button.code}.js").data == b""
    answer = visitor.post(f"/widget/{button.code}", data={"number": THEIRS})
    assert answer.status_code == 403
    assert "Звонки с этого сайта сейчас не работают." in answer.text
    assert "договор" not in answer.text


def test_a_missed_call_rests_with_the_services(phone: Browser, k5: House) -> None:
    k5.top_up("100.00")
    missed_calls.assign(k5.ports, k5.caller, ACCESS[0], Msisdn.parse(THEIRS), "Мама")
    suspend(k5)
    k5.switch.miss(OWN.removeprefix("+"), ACCESS[0])
    k5.work()
    assert made(k5) == []
    assert "обслуживание приостановлено" in plain(phone.get("/me/access"))


@pytest.mark.parametrize("code", ["*800*2#", "*100#"])
def test_a_phone_code_of_a_blocked_one_says_so(app: Flask, k5: House, code: str) -> None:
    assert "приостановлено" in dial(app, k5, block, code)


def test_a_phone_code_that_orders_says_that_services_rest(app: Flask, k5: House) -> None:
    assert SUSPENDED in dial(app, k5, suspend, "*800*2#")
    assert k5.balance() == rub("100.00")


def dial(app: Flask, k5: House, stop: Callable[[House], None], code: str) -> str:
    k5.top_up("100.00")
    stop(k5)
    app.config["K5_USSD_SECRET"] = "s" * 32
    sent = {"msisdn": OWN, "text": code, "session": "1"}
    return app.test_client().post(f"/hooks/ussd/{'s' * 32}", data=sent).text


def test_without_money_every_door_says_so_and_a_top_up_opens_them_by_itself(
    phone: Browser, app: Flask, k5: House
) -> None:
    program = Program(app, tokens.make_token(k5.ports, k5.caller.id, "shop", may_call=True))
    assert "минута стоит 2,20" in plain(phone.get(PAGE))
    assert program.order().get_json()["code"] == "insufficient_funds"
    assert "Денег на звонок не хватит" in plain(phone.get("/me"))
    assert phone.get("/me/statement").status_code == 200, "what is free goes on"
    k5.top_up("100.00")
    assert press(phone, phone.get(PAGE)).status_code == 303
