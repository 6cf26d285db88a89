"""From a member's link to the first call, without scripts: A8, S11, S12."""

from werkzeug.test import TestResponse

from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.services.accounts import accounts, invitations
from k5web.services.books import bonuses
from k5web.services.payments.topups import credit
from tests.services.accounts.test_invitations import GOOD, HERS
from tests.services.accounts.test_recovery import codes_sent
from tests.services.books.test_bonuses import VESTED, come, talk
from tests.services.house import OWN, House
from tests.web.calls.call_page import PAGE, plain, press
from tests.web.conftest import Browser

RANDOM = "Set-Cookie"  # signed and packed: its length is that of random text


def link(k5: House) -> str:
    return f"/join/{invitations.make(k5.ports, k5.caller.id, 'form').code}"


def stranger(phone: Browser) -> Browser:
    return Browser(phone.client.application.test_client())


def ask(browser: Browser, path: str, phone: str = HERS) -> TestResponse:
    return browser.press(path, path, None, phone=phone)


def join(browser: Browser, path: str, **fields: str) -> TestResponse:
    typed = {"name": "Ольга", "new_password": GOOD} | fields
    return browser.press(f"{path}/details", f"{path}/details", None, **typed)


def test_a_member_makes_a_link_with_a_code_and_a_text_to_send(phone: Browser, k5: House) -> None:
    assert phone.press("/me/invite", "/me/invite", None, form_key="form").headers["Location"] == "/me/invite"
    page = phone.get("/me/invite")
    [made_link] = invitations.good(k5.ports, k5.caller.id)
    assert page.text.count(f"/join/{made_link.code}") >= 3, "link, text to send, revocation"
    assert 'class="qr"' in page.text
    assert "Пришло: 0 из 20" in plain(page)
    assert "Пока никто." in plain(page)
    phone.press("/me/invite", f"/me/invite/{made_link.code}/revoke")
    assert invitations.good(k5.ports, k5.caller.id) == []


def test_from_the_link_to_the_first_call_in_six_pages(browser: Browser, k5: House) -> None:
    path = link(k5)
    seen = plain(browser.get(path))  # page 1
    assert "Приглашает А., номер оканчивается на 67." in seen
    assert "Анна" not in seen
    assert ask(browser, path).headers["Location"] == f"{path}/details"  # page 2
    assert join(browser, path, code=codes_sent(k5)[-1]).headers["Location"] == "/"  # page 3: the field for a number
    assert browser.get("/").status_code == 200
    hers = accounts.find_subscriber(k5.ports, HERS)
    credit(k5.ports, hers.id, EventName("test:bank", "1"), rub("50.00"), "cash.test", "test", k5.clock())
    called = press(browser, browser.get(PAGE)).headers["Location"]  # pages 4 and 5: the price, the call
    assert called.startswith(f"/c/{hers.id}-")
    assert browser.get(called).status_code == 200


def test_known_and_unknown_numbers_get_the_same_answers_to_the_byte(browser: Browser, k5: House) -> None:
    path = link(k5)

    def walk(phone: str) -> list[tuple[int, int, list[tuple[str, int]]]]:
        one = stranger(browser)
        answers = [ask(one, path, phone), one.get(f"{path}/details"), join(one, path, code="000000")]
        return [
            (each.status_code, len(each.data), [(name, len(value)) for name, value in each.headers if name != RANDOM])
            for each in answers
        ]

    assert walk(OWN) == walk("+79161234568")


def test_what_is_wrong_is_named_at_its_field_and_the_rest_is_kept(browser: Browser, k5: House) -> None:
    path = link(k5)
    assert 'value="мама"' in ask(browser, path, "мама").text
    ask(browser, path)
    weak = join(browser, path, code=codes_sent(k5)[-1], new_password="short")
    assert (weak.status_code, "Пароль короткий" in plain(weak)) == (400, True)
    assert f'value="{codes_sent(k5)[-1]}"' in weak.text
    assert 'value="Ольга"' in weak.text
    assert GOOD not in weak.text
    nameless = join(browser, path, code=codes_sent(k5)[-1], name="")
    assert "Напишите имя" in plain(nameless)
    assert join(browser, path, code="1").status_code == 403


def test_a_link_that_is_over_leads_on_and_names_nobody(browser: Browser, k5: House) -> None:
    path = link(k5)
    ask(browser, path)
    invitations.revoke(k5.ports, k5.caller.id, path.removeprefix("/join/"))
    for page in (browser.get(path), browser.get(f"{path}/details"), browser.get("/join/none")):
        assert page.status_code == 404
        assert "Ссылка больше не действует" in plain(page)
        assert "67" not in plain(page)


def test_details_without_a_phone_ask_for_it(browser: Browser, k5: House) -> None:
    path = link(k5)
    assert browser.get(f"{path}/details").headers["Location"] == path


def test_who_joined_is_listed_for_the_sponsor(phone: Browser, k5: House) -> None:
    path, guest = link(k5), stranger(phone)
    ask(guest, path)
    join(guest, path, code=codes_sent(k5)[-1])
    assert "О. …01 01.12.2026 12:00, по ссылке" in plain(phone.get("/me/invite"))
    assert "01.12.2026" not in plain(guest.get("/me/invite")), "others' guests are nobody's business"


def test_what_was_earned_stands_beside_who_came(phone: Browser, k5: House) -> None:
    newcomer = come(k5, 1, k5.caller.id)
    talk(k5, newcomer)
    assert "Вам начисляется 5 % от того, что пришедшие платят за звонки" in plain(phone.get("/me/invite"))
    k5.clock.now = VESTED
    bonuses.run(k5.ports)
    page = plain(phone.get("/me/invite"))
    assert "Начислено всего 0,22 ₽" in page
    assert "Осталось на звонки 0,22 ₽" in page
    assert "Б. …01 01.12.2026 12:00, по ссылке, бонус 0,22 ₽" in page
