"""The page of the staff: an owner gives roles and lets somebody in no more, but never changes their own."""

from collections.abc import Callable

from k5web.domain.desk.staff import Role
from k5web.services.desk import staff as services
from tests.services.house import House
from tests.web.conftest import Browser


def roles_of(k5: House, login: str) -> set[Role]:
    return {role for person, _ in services.everybody(k5.ports) if person.login == login for role in person.roles}


def test_roles_count_at_once(staff: Callable[..., Browser], k5: House) -> None:
    boris, anna = staff("desk", login="boris"), staff("owner")
    assert boris.get("/desk/audit").status_code == 403
    answer = anna.press("/desk/staff", "/desk/staff/boris/roles", None, role="auditor")
    assert answer.status_code == 303
    assert roles_of(k5, "boris") == {Role.AUDITOR}
    assert boris.get("/desk/audit").status_code == 200


def test_nobody_is_left_without_a_role_and_own_roles_stay(staff: Callable[..., Browser], k5: House) -> None:
    staff("desk", login="boris")
    anna = staff("owner")
    assert anna.press("/desk/staff", "/desk/staff/boris/roles").status_code == 400
    assert anna.press("/desk/staff", "/desk/staff/anna/roles", None, role="desk").status_code == 403
    assert (roles_of(k5, "boris"), roles_of(k5, "anna")) == ({Role.DESK}, {Role.OWNER})


def test_whoever_is_let_in_no_more_is_out(staff: Callable[..., Browser]) -> None:
    boris, anna = staff("desk", login="boris"), staff("owner")
    anna.press("/desk/staff", "/desk/staff/boris/end", None, reason="ушёл")
    assert boris.get("/desk").headers["Location"].startswith("/desk/login")
    assert "Больше не входит" in anna.get("/desk/staff").text
