"""Every module that hangs pages on the desk's blueprint: to import it is enough."""

from k5web.web.desk import (
    alarms,
    audit,
    calls,
    home,
    login,
    money,
    payments,
    proposals,
    search,
    staff,
    suspense,
    trunks,
)
from k5web.web.desk.door import bp

MODULES = (login, home, search, payments, calls, trunks, alarms, audit, staff, money, proposals, suspense)
MODULES = (login, home, calls, trunks, alarms, audit, staff, money, proposals, suspense)
from k5web.web.desk import audit, home, login, margin, money, plans, prices, proposals, staff, suspense, uploads
from k5web.web.desk.door import bp

MODULES = (login, home, audit, staff, money, proposals, suspense, prices, plans, margin, uploads)
    margin,
    money,
    plans,
    prices,
    proposals,
    staff,
    suspense,
    trunks,
    uploads,
)
from k5web.web.desk.door import bp

MODULES = (login, home, calls, trunks, alarms, audit, staff, money, proposals, suspense, prices, plans, margin, uploads)

__all__ = ["MODULES", "bp"]
