"""The menu shows what somebody's roles let them open, and all of it opens."""

import re
from collections.abc import Callable

import pytest

from k5web.domain.desk.staff import Role
from tests.web.conftest import Browser


@pytest.mark.parametrize("role", list(Role))
def test_every_place_of_the_menu_opens(staff: Callable[..., Browser], role: Role) -> None:
    browser = staff(role.value)
    page = browser.get("/desk").text
    menu = re.search(r"<nav.*?</nav>", page, re.DOTALL)
    assert menu
    places = re.findall(r'href="([^"]+)"', menu[0])
    assert "/desk" in places
    for place in places:
        assert browser.get(place).status_code == 200, place


def test_what_may_not_be_opened_is_not_in_the_menu(staff: Callable[..., Browser]) -> None:
    assert "/desk/staff" not in staff("desk").get("/desk").text
