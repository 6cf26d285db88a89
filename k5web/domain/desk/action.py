"""What can be done at the operator's desk, and which role may: the only place that says so."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from k5web.domain.desk.staff import Role


class Action(StrEnum):
    """One thing that staff do; every page of the desk needs one of these."""

    SEE_DESK = "see_desk"  # its first page, the search
    SEE_SUBSCRIBERS = "see_subscribers"
    SEE_IDENTITY = "see_identity"  # full phones, names, addresses, documents, tax numbers; with a reason
    CHANGE_SUBSCRIBERS = "change_subscribers"  # stop and let go, limits, devices, passwords
    SEE_MONEY = "see_money"  # payments, movements, suspense
    MOVE_MONEY = "move_money"  # corrections, refunds, assignments; above a limit only asked for
    APPROVE_MONEY = "approve_money"  # of another one's asking
    ANSWER_CLAIMS = "answer_claims"
    SEE_PRICES = "see_prices"
    PUBLISH_PRICES = "publish_prices"  # is asked for, and done by a second person
    APPROVE_PRICES = "approve_prices"
    SEE_PROPOSALS = "see_proposals"  # what waits for a second person
    DECIDE_PROPOSALS = "decide_proposals"  # of the kinds that the roles approve
    SEE_REGISTERS = "see_registers"
    LOAD_FILES = "load_files"  # registers and statements of banks
    RESOLVE_REGISTERS = "resolve_registers"
    SEE_CALLS = "see_calls"
    END_CALLS = "end_calls"
    STOP_CALLS = "stop_calls"  # stop-lists, alarms
    SEE_WORK = "see_work"
    RESOLVE_WORK = "resolve_work"
    SEE_BOOKS = "see_books"  # days, seals, archive
    CLOSE_DAYS = "close_days"
    SEE_AUDIT = "see_audit"
    MANAGE_STAFF = "manage_staff"


_DESK, _MONEY, _PRICES, _ENGINEER, _AUDITOR, _OWNER = Role
_EVERYBODY = frozenset(Role)


def _only(*roles: Role) -> frozenset[Role]:
    return frozenset({*roles, _OWNER})


MAY: Mapping[Action, frozenset[Role]] = {
    Action.SEE_DESK: _EVERYBODY,
    Action.SEE_SUBSCRIBERS: _only(_DESK, _MONEY, _AUDITOR),
    Action.SEE_IDENTITY: _only(_DESK, _AUDITOR),
    Action.CHANGE_SUBSCRIBERS: _only(_DESK),
    Action.SEE_MONEY: _only(_DESK, _MONEY, _AUDITOR),
    Action.MOVE_MONEY: _only(_MONEY),
    Action.APPROVE_MONEY: _only(_MONEY),
    Action.ANSWER_CLAIMS: _only(_MONEY),
    Action.SEE_PRICES: _only(_DESK, _MONEY, _PRICES, _AUDITOR),
    Action.PUBLISH_PRICES: _only(_PRICES),
    Action.APPROVE_PRICES: _only(_PRICES),
    Action.SEE_PROPOSALS: _only(_DESK, _MONEY, _PRICES, _AUDITOR),
    Action.DECIDE_PROPOSALS: _only(_MONEY, _PRICES),
    Action.SEE_REGISTERS: _only(_MONEY, _AUDITOR),
    Action.LOAD_FILES: _only(_MONEY),
    Action.RESOLVE_REGISTERS: _only(_MONEY),
    Action.SEE_CALLS: _only(_DESK, _ENGINEER, _AUDITOR),
    Action.END_CALLS: _only(_DESK, _ENGINEER),
    Action.STOP_CALLS: _only(_DESK, _ENGINEER),
    Action.SEE_WORK: _EVERYBODY,
    Action.RESOLVE_WORK: _only(_DESK, _MONEY, _ENGINEER),
    Action.SEE_BOOKS: _only(_MONEY, _AUDITOR),
    Action.CLOSE_DAYS: _only(_MONEY),
    Action.SEE_AUDIT: _only(_AUDITOR),
    Action.MANAGE_STAFF: _only(),
}


def may(roles: Collection[Role], action: Action) -> bool:
    """Return whether somebody with these roles may do this."""
    return not MAY[action].isdisjoint(roles)
