"""Every module that hangs pages on the desk's blueprint: to import it is enough."""

from k5web.web.desk import (
    alarms,
    audit,
    bill_check,
    calls,
    home,
    jobs,
    login,
    margin,
    money,
    payments,
    plans,
    prices,
    proposals,
    registers,
    search,
    staff,
    suspense,
    trunks,
    uploads,
)
from k5web.web.desk.door import bp

MODULES = (
    *(login, home, search, payments, calls, trunks, alarms, audit, staff, money, proposals, suspense),
    *(prices, plans, margin, uploads, registers, jobs, bill_check),
)

__all__ = ["MODULES", "bp"]
