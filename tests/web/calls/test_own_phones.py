"""Which of the subscriber's phones is rung: chosen on the call page for one call, named by a program."""

import re
from urllib.parse import quote

from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts, phones
from tests.services.accounts.test_phones import add
from tests.services.house import THEIRS, House
from tests.web.calls.call_page import PAGE, field, made, plain, press, words
from tests.web.conftest import PASSWORD, Browser
from tests.web.programs import Program

MOSCOW = Msisdn("74952222222")
CHOSEN = f"{PAGE}?from={MOSCOW.digits}"


def test_with_one_phone_nothing_is_asked(phone: Browser, k5: House) -> None:
    k5.top_up("10.00")
    page = phone.get(PAGE)
    assert "Перезвонить на" not in page.text
    assert 'name="from"' not in page.text


def test_each_phone_stands_there_with_its_price_and_leads_to_a_page_of_its_own(phone: Browser, k5: House) -> None:
    """A3: the price on the screen is that of the phone that will ring."""
    k5.top_up("10.00")
    add(k5, MOSCOW, "Дача")
    page = phone.get(PAGE)
    said = words(page)
    assert "Перезвонить на +7 916 123-45-67 2,20 ₽ за минуту +7 495 222-22-22 Дача: 0,90 ₽ за минуту" in said
    assert "2,20 ₽ за минуту звонок на ваш телефон Россия мобильный" in said
    assert f'href="/+74951234567?from={MOSCOW.digits}"' in page.text
    other = words(phone.get(CHOSEN))
    assert "0,90 ₽ за минуту звонок на ваш телефон Москва городской" in other
    assert "Позвоним вам на +7 495 222-22-22" in other


def test_the_phone_of_the_page_is_rung_for_this_call_only(phone: Browser, k5: House) -> None:
    k5.top_up("10.00")
    add(k5, MOSCOW)
    page = phone.get(CHOSEN)
    assert press(phone, page, **{"from": field(page, "from")}).status_code == 303
    [call] = made(k5)
    assert (call.quote.a_number, str(call.quote.per_minute)) == (MOSCOW.digits, "0.90")
    k5.talk(call, "5")
    assert str(k5.balance()) == "9.10"
    over = phone.get(f"/c/{call.id}")
    again = re.search(r'href="(/[^"]*)">Позвонить ещё раз', over.text)
    assert again
    assert again[1] == f"/+74951234567?from={MOSCOW.digits}", "whoever calls again means the same phone"
    assert "Позвоним вам на +7 916 123-45-67" in words(phone.get(PAGE)), "the choice was for one call"


def test_a_page_shown_again_keeps_its_phone_and_price(phone: Browser, k5: House) -> None:
    k5.top_up("10.00")
    add(k5, MOSCOW)
    page = phone.get(CHOSEN)
    chosen = {"from": field(page, "from")}
    fields = {name: field(page, name) for name in ("csrf_token", "number", "form_key")}
    hasty = phone.post("/call", None, **fields, **chosen)
    assert (hasty.status_code, "Позвоним вам на +7 495 222-22-22" in plain(hasty)) == (409, True)
    stale = press(phone, page, csrf_token="old", **chosen)
    assert "Позвоним вам на +7 495 222-22-22" in plain(stale)
    assert made(k5) == []


def test_the_signed_form_says_which_phone_and_no_field_beside_it(phone: Browser, k5: House) -> None:
    """S22: the price agreed to and the phone rung belong together."""
    k5.top_up("10.00")
    add(k5, MOSCOW)
    press(phone, phone.get(CHOSEN), **{"from": "79161234567"})
    assert [call.quote.a_number for call in made(k5)] == [MOSCOW.digits]


def test_another_choice_elsewhere_changes_nothing_on_a_page_that_is_open(phone: Browser, k5: House) -> None:
    k5.top_up("10.00")
    add(k5, MOSCOW)
    page = phone.get(PAGE)
    phones.choose(k5.ports, k5.caller.id, MOSCOW)
    press(phone, page)
    [call] = made(k5)
    assert (call.quote.a_number, str(call.quote.per_minute)) == ("79161234567", "2.20")


def test_what_is_not_ones_own_is_never_rung(phone: Browser, k5: House) -> None:
    """S20: a third person's phone, a removed one, nonsense."""
    k5.top_up("10.00")
    accounts.add_subscriber(k5.ports, Msisdn("79160000009"), "correct horse", "Борис")
    for digits in ("79160000009", "79169999999", "+7916", "x" * 400, "९"):
        page = phone.get(f"{PAGE}?from={quote(digits)}")
        assert (page.status_code, "Этого телефона нет среди ваших" in plain(page)) == (403, True)
        assert "Позвоним вам на +7 916 123-45-67" in plain(page)
    add(k5, MOSCOW)
    page = phone.get(CHOSEN)
    phones.remove(k5.ports, k5.caller.id, MOSCOW)
    gone = press(phone, page, **{"from": MOSCOW.digits})
    assert (gone.status_code, "Этого телефона нет среди ваших" in plain(gone)) == (403, True)
    assert made(k5) == []


def test_a_refusal_offers_the_other_phone(phone: Browser, k5: House) -> None:
    k5.top_up("10.00")
    add(k5, MOSCOW)
    page = phone.get("/79161234567")
    assert "Это ваш собственный номер." in plain(page)
    assert f'href="/+79161234567?from={MOSCOW.digits}"' in page.text
    assert phone.get(f"/79161234567?from={MOSCOW.digits}").status_code == 200


def test_a_countdown_rings_the_chosen_phone_alone(phone: Browser, k5: House) -> None:
    k5.top_up("10.00")
    add(k5, MOSCOW)
    k5.talk(k5.order(), "5")
    phone.press("/me/devices", "/me/devices/at-once", on="1", limit="5,00", password=PASSWORD)
    asked = {"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}
    assert 'id="at-once"' in phone.get(PAGE, **asked).text
    assert 'id="at-once"' not in phone.get(CHOSEN, **asked).text


def test_a_program_names_the_phone_or_gets_the_chosen_one(program: Program, k5: House) -> None:
    add(k5, MOSCOW)
    told = program.get(f"/quote?number=74951234567&from={MOSCOW.digits}").get_json()
    assert (told["a"]["number"], told["per_minute"]["amount"]) == (str(MOSCOW), "0.90")
    ordered = program.order("k1", **{"from": str(MOSCOW), "max_price": "0.90"})
    assert (ordered.status_code, ordered.get_json()["a"]["number"]) == (201, str(MOSCOW))
    assert program.order("k1", **{"from": str(MOSCOW)}).status_code == 200
    assert program.order("k1").status_code == 200
    assert program.order("k1", **{"from": "+79161234567"}).get_json()["code"] == "key_reused"
    for wrong, code in (("+79169999999", "not_your_phone"), ("22", "wrong_number"), (7, "wrong_request")):
        assert program.order("k2", **{"from": wrong}).get_json()["code"] == code
    assert program.get("/quote?number=74951234567&from=+79169999999").get_json()["code"] == "not_your_phone"
    assert f"+{program.order('k1').get_json()['b']['number'].lstrip('+')}" == THEIRS


def test_a_programs_repeat_gets_its_call_though_the_phone_is_gone(program: Program, k5: House) -> None:
    """The call was ordered and paid for: "nothing was charged" would be a lie."""
    add(k5, MOSCOW)
    first = program.order("k1", **{"from": str(MOSCOW)})
    phones.remove(k5.ports, k5.caller.id, MOSCOW)
    again = program.order("k1", **{"from": str(MOSCOW)})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json()["id"] == first.get_json()["id"]
    assert program.order("k2", **{"from": str(MOSCOW)}).get_json()["code"] == "not_your_phone"
