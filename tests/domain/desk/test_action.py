"""Which role may do what: one table, and what it must never say."""

import pytest

from k5web.domain.desk.action import MAY, Action, may
from k5web.domain.desk.staff import Role

LOOKS = {action for action in Action if action.value.startswith("see_")}
DEEDS_OF_MONEY = {Action.MOVE_MONEY, Action.APPROVE_MONEY, Action.ANSWER_CLAIMS, Action.RESOLVE_REGISTERS}


def test_every_action_has_its_roles_and_an_owner_may_all() -> None:
    assert MAY.keys() == set(Action)
    assert all(Role.OWNER in roles for roles in MAY.values())


def test_an_auditor_changes_nothing() -> None:
    assert {action for action in Action if may({Role.AUDITOR}, action)} <= LOOKS


@pytest.mark.parametrize("role", [Role.DESK, Role.PRICES, Role.ENGINEER, Role.AUDITOR])
def test_money_is_moved_by_its_role_alone(role: Role) -> None:
    assert not {action for action in DEEDS_OF_MONEY if may({role}, action)}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
def test_nobody_but_an_owner_says_who_may_what(role: Role) -> None:
    assert not may({role}, Action.MANAGE_STAFF)


def test_several_roles_may_what_any_of_them_may_and_none_may_nothing() -> None:
    assert may({Role.PRICES, Role.MONEY}, Action.MOVE_MONEY)
    assert may({Role.PRICES, Role.MONEY}, Action.PUBLISH_PRICES)
    assert not any(may(set(), action) for action in Action)
