"""People of a PBX on their pages: added, changed, given a phone whose password is shown once (B7)."""

import re

import pytest

from tests.services.house import House
from tests.services.pbx.organisations import take_plan
from tests.web.conftest import Browser


@pytest.fixture
def office(phone: Browser, k5: House) -> Browser:
    take_plan(k5)
    return phone


def add(browser: Browser, title: str, extension: str = "") -> str:
    answer = browser.press("/me/pbx", "/me/pbx", title=title, extension=extension)
    assert answer.status_code == 303, answer.text
    return answer.location


def test_a_plan_without_a_pbx_says_which_have_one(phone: Browser) -> None:
    page = phone.get("/me/pbx")
    assert "На тарифе «K5» ВАТС нет" in page.text
    assert "/plans" in page.text
    assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0]
    refused = phone.press("/me/profile", "/me/pbx", title="Анна")
    assert (refused.status_code, "нет ВАТС" in refused.text) == (403, True)


def test_somebody_is_added_and_has_a_page(office: Browser) -> None:
    assert add(office, "Анна") == "/me/pbx/1"
    assert add(office, "Борис", "77") == "/me/pbx/2"
    listed = office.get("/me/pbx").text
    assert "201 Анна" in listed
    assert "77 Борис" in listed
    assert "Занято мест: 2 из 3." in listed
    assert "110,00" in listed
    assert "на 201 никто не ответит" in office.get("/me/pbx/1").text


def test_the_fourth_place_is_ordered_as_any_service_is(office: Browser) -> None:
    for name in ("Анна", "Борис", "Вера"):
        add(office, name)
    page = office.get("/me/pbx").text
    assert 'name="title"' not in page
    [order] = re.findall(r'href="(/me/services/service/extra_user\?pieces=1)"', page)
    assert "110,00" in office.get(order).text
    full = office.press("/me/profile", "/me/pbx", title="Глеб")
    assert (full.status_code, "Оплачены места для 3 сотрудников" in full.text) == (409, True)


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"title": "", "extension": ""}, 400, "от 1 до 60"),
        ({"title": "Анна", "extension": "112"}, 400, "101–104 и 112 заняты экстренными службами"),
        ({"title": "Анна", "extension": "201"}, 409, "201 уже занят"),
    ],
)
def test_what_is_wrong_is_named_at_its_field_and_nothing_typed_is_lost(
    office: Browser, typed: dict[str, str], status: int, said: str
) -> None:
    add(office, "Вера")
    answer = office.press("/me/pbx", "/me/pbx", None, **typed)
    assert answer.status_code == status
    assert said in answer.text
    assert f'value="{typed["extension"]}"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_the_password_of_a_phone_stands_on_one_answer(office: Browser, k5: House) -> None:
    add(office, "Анна")
    made = office.press("/me/pbx/1", "/me/pbx/1/phone")
    [password] = re.findall(r'<data id="made" value="([A-Za-z0-9]{24})"', made.text)
    for path in ("/me/pbx/1", "/me/pbx"):
        assert password not in office.get(path).text
    page = office.get("/me/pbx/1").text
    for fact in ("127.0.0.1", f"u{k5.caller.id}-1", "5071", "5072"):
        assert fact in page
    again = office.press("/me/pbx/1", "/me/pbx/1/phone")
    assert password not in again.text


def test_a_password_needs_ones_own_typed_lately(office: Browser, k5: House) -> None:
    add(office, "Анна")
    k5.clock.forward(minutes=16)
    assert "Ввести пароль" in office.get("/me/pbx/1").text
    answer = office.press("/me/pbx/1", "/me/pbx/1/phone")
    assert answer.status_code == 303
    assert answer.location.startswith("/confirm?")


def test_a_phone_is_kept_to_networks_and_taken_away(office: Browser) -> None:
    add(office, "Анна")
    office.press("/me/pbx/1", "/me/pbx/1/phone")
    wrong = office.press("/me/pbx/1", "/me/pbx/1/phone/networks", networks="office <b>")
    assert (wrong.status_code, "Это не сеть: «office»" in wrong.text) == (400, True)
    assert 'value="office &lt;b&gt;"' in wrong.text
    office.press("/me/pbx/1", "/me/pbx/1/phone/networks", networks="203.0.113.0/24, 198.51.100.7")
    assert 'value="203.0.113.0/24 198.51.100.7/32"' in office.get("/me/pbx/1").text
    office.press("/me/pbx/1", "/me/pbx/1/phone/remove")
    assert "Телефон не подключён" in office.get("/me/pbx/1").text


def test_a_person_is_renamed_and_removed(office: Browser) -> None:
    add(office, "Анна")
    add(office, "Борис")
    office.press("/me/pbx/1", "/me/pbx/1", title="Анна Ивановна", extension="300")
    assert "300 Анна Ивановна" in office.get("/me/pbx").text
    taken = office.press("/me/pbx/1", "/me/pbx/1", title="Анна", extension="202")
    assert (taken.status_code, 'value="202"' in taken.text) == (409, True)
    office.press("/me/pbx/1", "/me/pbx/1/remove")
    assert office.get("/me/pbx/1").status_code == 404
    assert "Анна" not in office.get("/me/pbx").text


def test_nobody_sees_or_changes_the_people_of_another(office: Browser, k5: House) -> None:
    """There is no address by which another's person could be named: the owner is who is logged in."""
    add(office, "Анна")
    assert office.get("/me/pbx/2").status_code == 404
    assert office.press("/me/pbx", "/me/pbx/2/phone").status_code == 404
