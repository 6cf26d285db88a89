"""Words of the desk: roles, outcomes."""

from k5web.domain.desk.staff import Role
from k5web.web.texts import _


def role_words(role: Role) -> str:
    """Return a role as the page names it."""
    return {
        Role.DESK: _("работа с абонентами"),
        Role.MONEY: _("деньги"),
        Role.PRICES: _("цены"),
        Role.ENGINEER: _("связь"),
        Role.AUDITOR: _("проверка, только смотреть"),
        Role.OWNER: _("владелец, может всё"),
    }[role]
