"""Every module that hangs pages on the desk's blueprint: to import it is enough."""

from k5web.web.desk import audit, home, login, staff
from k5web.web.desk.door import bp

MODULES = (login, home, audit, staff)

__all__ = ["MODULES", "bp"]
