"""The page of the staff: an owner gives roles and lets somebody in no more, but never changes their own."""

from collections.abc import Callable

from k5web.domain.desk.audit import AuditFilter
from k5web.domain.desk.staff import Role
from k5web.services.desk import audit
from k5web.services.desk import staff as services
from tests.services.house import House
from tests.web.conftest import Browser, token_of


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


def test_the_audit_tells_which_roles_were_given(staff: Callable[..., Browser], k5: House) -> None:
    """S26: what is chosen on a form is written down, not only that it was sent."""
    staff("desk", login="boris")
    client = staff("owner")
    token = token_of(client.get("/desk/staff"))
    sent = {"csrf_token": token, "role": ["money", "owner"]}
    assert client.client.post("/desk/staff/boris/roles", data=sent).status_code == 303
    [line] = audit.lines(k5.ports, AuditFilter())
    assert (line.facts["login"], line.facts["role"]) == ("boris", "money owner")
