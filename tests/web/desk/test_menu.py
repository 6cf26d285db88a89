"""The desk leads where somebody's roles let them go, and every place it leads to opens."""

import re
from collections.abc import Callable

import pytest

from k5web.domain.desk.staff import Role
from tests.web.conftest import Browser


@pytest.mark.parametrize("role", list(Role))
def test_every_place_opens(staff: Callable[..., Browser], role: Role) -> None:
    browser = staff(role.value)
    places = re.findall(r'<a href="(/desk[^"#?]*)"', browser.get("/desk").text)
    assert len(places) >= 3
    for place in places:
        assert browser.get(place).status_code == 200, place


def test_every_page_leads_back_to_the_first_one(staff: Callable[..., Browser]) -> None:
    browser = staff("owner")
    for place in set(re.findall(r'<a href="(/desk[^"#?]*)"', browser.get("/desk").text)):
        assert '<a href="/desk"' in browser.get(place).text, place


def test_what_may_not_be_opened_is_not_shown(staff: Callable[..., Browser]) -> None:
    page = staff("desk").get("/desk").text
    assert "/desk/staff" not in page
    assert "/desk/registers" not in page
    assert "/desk/calls/past" in page
