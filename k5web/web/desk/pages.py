"""Every module that hangs pages on the desk's blueprint: to import it is enough."""

from k5web.web.desk import audit, home, login, money, proposals, staff, suspense
from k5web.web.desk.door import bp

MODULES = (login, home, audit, staff, money, proposals, suspense)

__all__ = ["MODULES", "bp"]
