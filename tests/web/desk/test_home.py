"""The first page of the desk: for everybody of the staff, with the search and with what waits."""

from collections.abc import Callable

import pytest

from k5web.domain.desk.staff import Role
from k5web.domain.incident import IncidentKind
from k5web.storage import incidents
from tests.services.house import House
from tests.web.conftest import Browser


@pytest.mark.parametrize("role", list(Role))
def test_everybody_has_a_first_page_with_the_search(staff: Callable[..., Browser], role: Role) -> None:
    page = staff(role.value).get("/desk")
    assert page.status_code == 200
    assert 'action="/desk/search"' in page.text
    assert "Ничего не ждёт" in page.text


def test_what_waits_is_counted_and_leads_to_its_list(staff: Callable[..., Browser], k5: House) -> None:
    with k5.ports.sessions.begin() as db:
        for n in range(3):
            incidents.report(db, 0, IncidentKind.DAMAGED_RECORD, f"asterisk 1:{n}", k5.clock(), {})
    page = staff("desk").get("/desk").text
    assert 'href="/desk/work?kind=incident"' in page
    assert '<b class="sum">3</b>' in page
    assert "Ничего не ждёт" not in page
