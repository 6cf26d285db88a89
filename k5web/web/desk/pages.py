"""Every module that hangs pages on the desk's blueprint: to import it is enough."""

from k5web.web.desk import (
    acts,
    advances,
    alarms,
    audit,
    bill_check,
    books,
    calls,
    claims,
    home,
    jobs,
    login,
    margin,
    money,
    movements,
    payments,
    plans,
    prices,
    proposals,
    registers,
    search,
    staff,
    steps,
    subscriber_limits,
    subscriber_people,
    subscriber_rules,
    subscribers,
    suspense,
    trunks,
    uploads,
    work,
)
from k5web.web.desk.door import bp

MODULES = (
    *(login, home, search, payments, calls, trunks, alarms, audit, staff, money, advances, proposals, suspense),
    *(prices, plans, margin, uploads, registers, jobs, bill_check),
    *(subscribers, steps, subscriber_limits, subscriber_people, subscriber_rules, movements, acts),
    *(work, claims, books),
)

__all__ = ["MODULES", "bp"]
