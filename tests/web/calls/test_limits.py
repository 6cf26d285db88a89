"""Safety as people meet it: words in place of a button, their limits drawn, lowered at once, raised later. S19, S20."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts, own_limits
from k5web.services.calls import safety
from tests.services.house import PRICES, House, publish
from tests.web.calls.call_page import PAGE, made, plain, press
from tests.web.conftest import PASSWORD, Browser
from tests.web.programs import Program

RISKY = {"8816": ("Иридиум", "250.00"), "7809": ("Россия", "1.00"), "61": ("Австралия", "1.00"), "49": ("Берлин", "1")}


@pytest.fixture
def k5(k5: House) -> House:
    """The house of the web tests, with a line of its own."""
    k5.ports = replace(k5.ports, own_numbers=("74950000000",))
    return k5


@pytest.fixture
def rich(phone: Browser, k5: House) -> Browser:
    """A phone whose owner has money and a price list with risky directions."""
    k5.clock.forward(seconds=2)
    publish(k5.ports, PRICES | RISKY, version=100)
    k5.clock.forward(seconds=2)
    k5.top_up("900.00")
    return phone


CLOSED = [
    ("/+881612345678", 403, "Это спутниковый номер. Такие звонки закрыты"),
    ("/+78091234567", 403, "Это платная линия. Такие звонки закрыты"),
    ("/+6112879", 403, "Это короткий номер. Такие звонки закрыты"),
    ("/+4930112", 400, "Это номер экстренной службы. Мы туда не звоним: наберите его прямо с телефона"),
    ("/112", 400, "Это номер экстренной службы."),
    ("/?number=02", 400, "Это номер экстренной службы."),
    ("/74950000000", 403, "Это наш собственный номер, сюда мы не звоним."),
]


def test_what_is_closed_is_said_calmly_and_has_no_button(rich: Browser) -> None:
    for path, status, words in CLOSED:
        page = rich.get(path)
        assert page.status_code == status, path
        assert words in plain(page), path
        assert 'name="form_key"' not in page.text, path


def test_an_unverified_phone_is_told_that_it_is_not_rung(browser: Browser, k5: House) -> None:
    accounts.add_subscriber(k5.ports, Msisdn("79261234567"), PASSWORD, "Борис", is_verified=False)
    browser.log_in("+79261234567")
    page = browser.get(PAGE)
    assert page.status_code == 403
    assert "Ваш телефон ещё не подтверждён" in plain(page)


def test_a_direction_closed_while_the_page_was_open_refuses_the_press_and_counts_it(rich: Browser, k5: House) -> None:
    safety.open_direction(k5.ports, k5.caller.id, "satellite")
    page = rich.get("/+881612345678")
    safety.close_direction(k5.ports, k5.caller.id, "satellite")
    answer = press(rich, page)
    assert answer.status_code == 403
    assert "Это спутниковый номер." in plain(answer)
    assert safety.show(k5.ports, k5.caller.id).refusals == {"direction_closed": 1}
    assert made(k5) == []


def test_a_number_that_does_not_answer_is_offered_again_later(rich: Browser, k5: House) -> None:
    safety.set_limits(k5.ports, k5.caller.id, {"unanswered_an_hour": 1})
    call = k5.order()
    k5.work()
    k5.switch.answer_a(call.id)
    k5.switch.no_answer(call.id, "b")
    k5.work()
    page = rich.get(PAGE)
    assert page.status_code == 429
    assert "Этот номер за час не ответил вам уже 1 раз. Позвоните ему после 13:00." in plain(page)


def test_a_limit_that_shortens_the_call_is_said_beside_the_button(rich: Browser, k5: House) -> None:
    safety.set_limits(k5.ports, k5.caller.id, {"daily_minor": 7_00})
    words = plain(rich.get(PAGE))
    assert "Хватит на 409 мин. Сегодня по лимиту осталось 7,00 ₽: это 3 мин." in words


def test_a_limit_that_is_used_up_says_when_it_is_not(rich: Browser, k5: House) -> None:
    safety.set_limits(k5.ports, k5.caller.id, {"daily_minor": 2_19})
    page = rich.get(PAGE)
    assert page.status_code == 429
    assert "На звонки сегодня осталось 2,19 ₽ из 2,19 ₽, а минута стоит 2,20 ₽. Завтра можно снова." in plain(page)
    assert 'href="/me/limits"' in page.text
    safety.set_limits(k5.ports, k5.caller.id, {"daily_minor": None, "first_day_minor": 1_00})
    first = plain(rich.get(PAGE))
    assert "В первые сутки на звонки можно 1,00 ₽, осталось 1,00 ₽, а минута стоит 2,20 ₽." in first
    assert "Больше можно будет после 02.12.2026 12:00." in first


def test_a_live_call_is_named_though_it_holds_all_of_the_limit(rich: Browser, k5: House) -> None:
    safety.set_limits(k5.ports, k5.caller.id, {"daily_minor": 2_20})
    call = k5.order()
    page = rich.get(PAGE)
    assert page.status_code == 200
    assert f'href="/c/{call.id}"' in page.text


# The page of limits


def test_the_page_shows_each_limit_with_what_of_it_is_used(rich: Browser, k5: House) -> None:
    k5.talk(k5.order(), "61")
    safety.open_direction(k5.ports, k5.caller.id, "premium")
    safety.open_direction(k5.ports, k5.caller.id, "8816")
    page = rich.get("/me/limits")
    words = plain(page)
    assert "На все звонки 4,40 ₽ из 1 000,00 ₽" in words
    assert "Из них на дорогие 0,00 ₽ из 300,00 ₽" in words
    assert "За первые сутки 4,40 ₽ из 300,00 ₽" in words
    assert re.search(r"Закрыты спутниковые номера\s?, короткие номера", words)
    assert re.search(r"Открыты для вас \+8816\s?, платные линии", words)
    assert '<meter min="0" max="100000" value="440"' in page.text
    assert 'href="/me/limits"' in rich.get("/me").text


def test_the_first_day_is_named_until_it_is_over(rich: Browser, k5: House) -> None:
    assert "За первые сутки" in plain(rich.get("/me/limits"))
    k5.clock.forward(days=1)
    assert "За первые сутки" not in plain(rich.get("/me/limits"))


def own(k5: House) -> dict[str, int | None]:
    return {key: limit.at(k5.clock()) for key, limit in own_limits.of(k5.ports, k5.caller.id).items()}


@pytest.mark.parametrize(
    ("typed", "minor"), [("50", 50_00), ("50,5", 50_50), ("0", 0), ("1 0", 10_00), ("49.99", 49_99)]
)
def test_a_limit_is_lowered_at_once_by_its_subscriber(rich: Browser, k5: House, typed: str, minor: int) -> None:
    answer = rich.press("/me/limits", "/me/limits", day=typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/limits")
    assert own(k5) == {"day": minor}
    assert "Лимиты сохранены." in plain(rich.get("/me/limits"))


def test_a_higher_limit_counts_later_and_the_page_says_when(rich: Browser, k5: House) -> None:
    rich.press("/me/limits", "/me/limits", day="50")
    assert rich.press("/me/limits", "/me/limits", day="100").status_code == 303
    page = rich.get("/me/limits")
    assert "Сейчас 50,00, новое – с 02.12.2026 12:00." in plain(page)
    assert 'name="day" inputmode="decimal" maxlength="12" value="100,00"' in page.text
    assert own(k5) == {"day": 50_00}
    k5.clock.forward(days=1)
    assert own(k5) == {"day": 100_00}
    assert "новое – с" not in plain(rich.get("/me/limits"))


def test_a_page_saved_as_it_stands_changes_nothing(rich: Browser, k5: House) -> None:
    rich.press("/me/limits", "/me/limits", day="50", call="20", minutes="30", country="KG", country_amount="0")
    rich.press("/me/limits", "/me/limits", day="100")
    page = rich.get("/me/limits")
    names = ("day", "call", "minutes", "to:KG", "to:*")
    fields = {name: re.search(rf'name="{re.escape(name)}"[^>]* value="([^"]*)"', page.text) for name in names}
    sent = {name: found[1] for name, found in fields.items() if found}
    assert sent == {"day": "100,00", "call": "20,00", "minutes": "30", "to:KG": "0,00", "to:*": ""}
    k5.clock.forward(minutes=10)
    assert rich.press("/me/limits", "/me/limits", None, **sent).status_code == 303
    assert "Сейчас 50,00, новое – с 02.12.2026 12:00." in plain(rich.get("/me/limits")), "the wait does not begin anew"


def test_each_limit_stands_with_what_of_it_is_used(rich: Browser, k5: House) -> None:
    rich.press("/me/limits", "/me/limits", day="50", country="KZ", country_amount="10")
    k5.talk(k5.order("+77172123456"), "30")
    words = plain(rich.get("/me/limits"))
    assert "Ваш лимит: все звонки 2,01 ₽ из 50,00 ₽" in words
    assert "Ваш лимит: Казахстан 2,01 ₽ из 10,00 ₽" in words


def test_each_refusal_says_which_limit_it_was_and_where_it_is_changed(rich: Browser, k5: House) -> None:
    said = {
        "day": "Вы разрешили не больше 1,00 ₽ в день: все звонки. Сегодня осталось 1,00 ₽, а минута стоит 2,20 ₽.",
        "call": "Вы разрешили не больше 1,00 ₽ на один звонок, а минута стоит 2,20 ₽.",
        "to:*": "Вы разрешили не больше 1,00 ₽ в день: остальные страны. Сегодня осталось 1,00 ₽",
        "to:RU": "Вы сами закрыли такие звонки: Россия.",
    }
    k5.ports = replace(k5.ports, raise_wait=timedelta())
    for key, words in said.items():
        own_limits.change(k5.ports, k5.caller.id, {key: 0 if key == "to:RU" else 1_00})
        page = rich.get(PAGE)
        assert page.status_code == 429
        assert f"{words}" in plain(page)
        assert "Изменить можно на странице «Лимиты». Деньги не списаны." in plain(page)
        assert 'href="/me/limits"' in page.text
        own_limits.change(k5.ports, k5.caller.id, {key: None})
    assert rich.get(PAGE).status_code == 200


def test_a_program_is_told_by_a_code_of_its_own(program: Program, k5: House) -> None:
    own_limits.change(k5.ports, k5.caller.id, {"day": 1_00})
    told = program.order().get_json()
    assert (told["status"], told["code"]) == (429, "own_limit")
    assert (told["left"]["amount"], told["needed"]["amount"], told["most"]["amount"]) == ("1.00", "2.20", "1.00")


def test_nobody_sets_more_than_the_operator_lets_them(rich: Browser, k5: House) -> None:
    answer = rich.press("/me/limits", "/me/limits", day="1000,01")
    assert answer.status_code == 403
    assert "Больше 1 000,00 ₽ в день можно только через поддержку" in plain(answer)
    assert own(k5) == {}


@pytest.mark.parametrize("field", ["day", "minutes", "to:KG", "country_amount"])
def test_what_is_no_amount_is_asked_again_at_its_field(rich: Browser, k5: House, field: str) -> None:
    country = "KG" if field == "country_amount" else ""
    where = "to:KG" if field == "country_amount" else field
    for typed in ("-1", "много", "1e3", "٥", "1" * 30, "NaN", "0x10", "0,001", "49.999"):
        answer = rich.press("/me/limits", "/me/limits", None, **{field: typed, "country": country})
        assert answer.status_code == 400, typed
        assert ("Напишите целое число" if field == "minutes" else "Напишите сумму так: 500,00.") in plain(answer), typed
        assert f'id="{where}-error"' in answer.text, typed
        assert re.search(rf'name="{where}"[^>]* value="{re.escape(typed)}"', answer.text), f"{typed} is kept"
        assert own(k5) == {}, typed


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"country": "", "country_amount": "0"}, "country"),
        ({"country": "ZZ", "country_amount": "5"}, "country"),
        ({"country": "*", "country_amount": "5"}, "country"),
        ({"to:ZZ": "5"}, "country"),
        ({"to:XX": "5"}, "country"),
        ({"country": "US", "country_amount": ""}, "country_amount"),
    ],
)
def test_a_country_without_its_sum_or_a_sum_without_a_country_is_told_at_its_field(
    rich: Browser, k5: House, form: dict[str, str], field: str
) -> None:
    answer = rich.press("/me/limits", "/me/limits", None, **form)
    assert answer.status_code == 400
    assert f'id="{field}-error"' in answer.text
    assert own(k5) == {}
    if field == "country_amount":
        assert re.search(r'value="US"\s+selected', answer.text), "what was chosen is kept"


def test_a_country_that_waits_shares_the_sum_of_the_others_and_the_page_says_so(rich: Browser, k5: House) -> None:
    rich.press("/me/limits", "/me/limits", None, **{"to:*": "0"})
    rich.press("/me/limits", "/me/limits", country="KZ", country_amount="100")
    assert own(k5) == {"to:*": 0, "to:KZ": None}
    words = plain(rich.get("/me/limits"))
    assert "Сейчас вместе с остальными странами, новое – с 02.12.2026 12:00." in words


def test_a_som_account_has_its_limits_in_som(browser: Browser, k5: House) -> None:
    accounts.add_subscriber(k5.ports, Msisdn("996555123456"), PASSWORD, "Айгуль", "KGS")
    browser.log_in("+996555123456")
    assert "0,00 сом из 1 000,00 сом" in plain(browser.get("/me/limits"))
    assert browser.press("/me/limits", "/me/limits", day="50").status_code == 303


def test_a_stranger_sees_no_limits(browser: Browser) -> None:
    assert browser.get("/me/limits").headers["Location"].startswith("/login")


def test_a_limit_is_changed_with_the_password_typed_lately_or_now(rich: Browser, k5: House) -> None:
    k5.clock.forward(minutes=20)
    assert 'name="password"' in rich.get("/me/limits").text
    for fields in ({}, {"password": "battery staple"}):
        refused = rich.press("/me/limits", "/me/limits", None, day="0,01", **fields)
        assert refused.status_code == 403
        assert "Пароль не подходит." in plain(refused)
        assert 'value="0,01"' in refused.text
    assert own(k5) == {}
    assert rich.press("/me/limits", "/me/limits", None, day="500", password=PASSWORD).status_code == 303
    assert own(k5) == {"day": 500_00}
    assert 'name="password"' not in rich.get("/me/limits").text
