"""Limits of one subscriber: what would change is shown before, and set with a reason."""

from collections.abc import Callable

import pytest

from k5web.domain.calls.risk import SafetyLimits
from k5web.services.calls import safety
from tests.services.house import House
from tests.web.conftest import Browser

Staff = Callable[..., Browser]
ID = 100001
PAGE = f"/desk/subscribers/{ID}/limits"
AS_ALL = SafetyLimits()


def typed(**changed: str) -> dict[str, str]:
    fields = {
        "daily_minor": "1000,00",
        "costly_minor": "300,00",
        "first_day_minor": "300,00",
        "unanswered_an_hour": "5",
    }
    return fields | changed


def asked(fields: dict[str, str]) -> str:
    return PAGE + "?" + "&".join(f"{name}={value}" for name, value in fields.items())


def test_what_would_change_is_shown_and_nothing_is_changed_yet(staff: Staff, k5: House) -> None:
    page = staff("desk").get(asked(typed(daily_minor="500", unanswered_an_hour="2"))).text.replace("\xa0", " ")
    assert [word for word in ("1 000,00 ₽", "500,00 ₽", "Изменить пределы") if word not in page] == []
    assert page.count("Из них дорогие") == 1, "what stays as it is stands in the form alone"
    assert safety.show(k5.ports, ID).limits == AS_ALL


def test_the_limits_that_were_shown_are_set(staff: Staff, k5: House) -> None:
    browser = staff("desk")
    done = browser.press(PAGE, PAGE, None, reason="по заявлению", **typed(daily_minor="500", unanswered_an_hour="2"))
    assert (done.status_code, done.location) == (303, f"{PAGE}?done=1")
    assert "Пределы изменены" in browser.get(done.location).text
    found = safety.show(k5.ports, ID).limits
    assert found == SafetyLimits(daily_minor=500_00, unanswered_an_hour=2)


def test_an_empty_field_gives_back_what_everybody_has(staff: Staff, k5: House) -> None:
    safety.set_limits(k5.ports, ID, {"daily_minor": 500_00})
    browser = staff("desk")
    assert "общий предел" in browser.get(asked(typed(daily_minor=""))).text
    browser.press(PAGE, PAGE, None, reason="по заявлению", **typed(daily_minor=""))
    assert safety.show(k5.ports, ID).limits == AS_ALL


@pytest.mark.parametrize(
    ("field", "text"),
    [("daily_minor", "много"), ("costly_minor", "-1"), ("unanswered_an_hour", "1001"), ("unanswered_an_hour", "x")],
)
def test_what_is_no_limit_is_told_and_changes_nothing(staff: Staff, k5: House, field: str, text: str) -> None:
    browser = staff("desk")
    assert 'role="alert"' in browser.get(asked(typed(**{field: text}))).text
    assert browser.press(PAGE, PAGE, None, reason="x", **typed(**{field: text})).status_code == 400
    assert safety.show(k5.ports, ID).limits == AS_ALL


def test_without_a_reason_nothing_changes(staff: Staff, k5: House) -> None:
    page = staff("desk").press(PAGE, PAGE, None, reason="", **typed(daily_minor="1"))
    assert page.status_code == 400
    assert safety.show(k5.ports, ID).limits == AS_ALL


@pytest.mark.parametrize("calls", ["1001", "0000001001", "0" * 5000, "٣"])
def test_a_count_out_of_bounds_is_refused_however_it_is_written(staff: Staff, k5: House, calls: str) -> None:
    answer = staff("desk").press(PAGE, PAGE, None, reason="по заявлению", **typed(unanswered_an_hour=calls))
    assert answer.status_code == 400
    assert safety.show(k5.ports, ID).limits == AS_ALL


def test_the_same_limits_sent_twice_are_set_once(staff: Staff, k5: House) -> None:
    browser = staff("desk")
    answers = [browser.press(PAGE, PAGE, None, reason="по заявлению", **typed(daily_minor="500")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert safety.show(k5.ports, ID).limits.daily_minor == 500_00
