"""The first page of the desk: for everybody of the staff, with what each may open."""

from collections.abc import Callable

import pytest

from k5web.domain.desk.staff import Role
from tests.web.conftest import Browser


@pytest.mark.parametrize("role", list(Role))
def test_everybody_has_a_first_page(staff: Callable[..., Browser], role: Role) -> None:
    page = staff(role.value).get("/desk")
    assert page.status_code == 200
    assert "Рабочий стол" in page.text
    assert ("Сотрудники" in page.text) == (role is Role.OWNER)
