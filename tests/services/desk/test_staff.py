"""The staff: taken on with a password and a secret, let in by both, changed by others, never without an owner."""

import base64

import pyotp
import pytest

from k5web.domain.desk.staff import Role
from k5web.errors import (
    AlreadyThere,
    LastOwner,
    NotFound,
    OwnRoles,
    StaffUnproved,
    WrongName,
    WrongRole,
    WrongStaffLogin,
)
from k5web.services.accounts.accounts import Browser
from k5web.services.desk import staff
from k5web.storage.desk import staff_rows
from tests.services.house import House

ROOT = "staff:root"
CHROME = Browser("Chrome", "192.0.2.7")


def code_of(uri: str, k5: House) -> str:
    return pyotp.parse_uri(uri).at(k5.clock())  # type: ignore[attr-defined, no-any-return]


def test_what_is_shown_once_lets_in(k5: House) -> None:
    made = staff.add(k5.ports, " A.Ivanova", "Анна  Иванова", ["money", "desk"], ROOT)
    assert (made.staff.login, made.staff.name) == ("a.ivanova", "Анна Иванова")
    visit = staff.log_in(k5.ports, "A.IVANOVA", made.password, code_of(made.uri, k5), CHROME)
    again = staff.recognise(k5.ports, visit.token)
    assert again is not None
    assert again.staff.roles == {Role.MONEY, Role.DESK}
    assert visit.session.place == "192.0.2.0/24"


def test_the_secret_lies_enciphered_in_the_database(k5: House) -> None:
    made = staff.add(k5.ports, "anna", "Анна", ["desk"], ROOT)
    secret = pyotp.parse_uri(made.uri).secret
    with k5.ports.sessions.read() as db:
        proofs = staff_rows.proofs(db, "anna")
    assert proofs is not None
    assert secret.encode() not in proofs[1]
    assert made.password not in proofs[0]


def test_a_code_typed_with_a_space_is_good(k5: House) -> None:
    made = staff.add(k5.ports, "anna", "Анна", ["desk"], ROOT)
    code = code_of(made.uri, k5)
    assert staff.log_in(k5.ports, "anna", made.password, f" {code[:3]} {code[3:]} ", CHROME).token


def test_a_code_of_another_alphabet_is_refused_in_words(k5: House) -> None:
    made = staff.add(k5.ports, "anna", "Анна", ["desk"], ROOT)
    with pytest.raises(StaffUnproved):
        staff.log_in(k5.ports, "anna", made.password, "١٢٣٤٥٦", CHROME)


@pytest.mark.parametrize(
    ("login", "name", "roles", "refusal"),
    [
        ("1", "Анна", ["desk"], WrongStaffLogin),
        ("anna", "", ["desk"], WrongName),
        ("anna", "Анна", [], WrongRole),
        ("anna", "Анна", ["desk", "king"], WrongRole),
    ],
)
def test_whoever_cannot_be_taken_on_is_not(
    k5: House, login: str, name: str, roles: list[str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        staff.add(k5.ports, login, name, roles, ROOT)
    assert staff.everybody(k5.ports) == []


def test_a_login_is_given_once(k5: House) -> None:
    staff.add(k5.ports, "anna", "Анна", ["desk"], ROOT)
    with pytest.raises(AlreadyThere):
        staff.add(k5.ports, "ANNA", "Анна", ["owner"], ROOT)


def test_the_last_owner_stays_one(k5: House) -> None:
    staff.add(k5.ports, "anna", "Анна", ["owner"], ROOT)
    with pytest.raises(LastOwner):
        staff.set_roles(k5.ports, "anna", ["desk"], ROOT)
    with pytest.raises(LastOwner):
        staff.end(k5.ports, "anna", ROOT)
    staff.add(k5.ports, "boris", "Борис", ["owner"], ROOT)
    staff.end(k5.ports, "anna", "staff:boris")
    with pytest.raises(LastOwner):
        staff.end(k5.ports, "boris", ROOT)


def test_nobody_changes_what_they_may_themselves(k5: House) -> None:
    staff.add(k5.ports, "anna", "Анна", ["desk"], ROOT)
    with pytest.raises(OwnRoles):
        staff.set_roles(k5.ports, "anna", ["owner"], "staff:anna")
    with pytest.raises(NotFound):
        staff.set_roles(k5.ports, "boris", ["owner"], "staff:anna")


def test_a_new_secret_makes_the_old_codes_and_log_ins_worthless(k5: House) -> None:
    made = staff.add(k5.ports, "anna", "Анна", ["desk"], ROOT)
    visit = staff.log_in(k5.ports, "anna", made.password, code_of(made.uri, k5), CHROME)
    renewed = staff.reset(k5.ports, "anna")
    k5.clock.forward(minutes=1)
    assert staff.recognise(k5.ports, visit.token) is None
    with pytest.raises(StaffUnproved):
        staff.log_in(k5.ports, "anna", made.password, code_of(made.uri, k5), CHROME)
    assert staff.log_in(k5.ports, "anna", renewed.password, code_of(renewed.uri, k5), CHROME).token


def test_old_log_ins_are_forgotten(k5: House) -> None:
    made = staff.add(k5.ports, "anna", "Анна", ["desk"], ROOT)
    staff.log_in(k5.ports, "anna", made.password, code_of(made.uri, k5), CHROME)
    assert staff.forget_old(k5.ports) == 0
    k5.clock.forward(hours=13)
    assert staff.forget_old(k5.ports) == 1


def test_two_demo_people_are_let_in_again_and_again_by_the_same(k5: House) -> None:
    for _ in range(2):
        staff.open_demo(k5.ports, "anna", "Анна", "same password", b"s" * 20, "job:demo")
    code = staff.current_code(k5.ports, "anna")
    token = staff.log_in(k5.ports, "anna", "same password", code, CHROME).token
    assert token
    assert staff.current_code(k5.ports, "nobody") == ""
    staff.open_demo(k5.ports, "anna", "Анна", "same password", b"s" * 20, "job:demo")
    assert staff.recognise(k5.ports, token), "who has both already stays logged in"
    for password, secret in (("other password", b"s" * 20), ("other password", b"t" * 20)):
        staff.open_demo(k5.ports, "anna", "Анна", password, secret, "job:demo")
        k5.clock.forward(minutes=1)
        code = pyotp.TOTP(base64.b32encode(secret).decode()).at(k5.clock())
        assert staff.log_in(k5.ports, "anna", password, code, CHROME).token
