"""Words for what subscribers are charged for."""

from collections.abc import Callable, Mapping
from typing import Final

from k5web.domain.books.service import ServiceKind
from k5web.web.texts import _

_WORDS: Final[Mapping[ServiceKind, Callable[[], str]]] = {
    ServiceKind.CALLS: lambda: _("Звонки"),
    ServiceKind.MONTHLY_FEE: lambda: _("Абонентская плата за месяц"),
    ServiceKind.DAILY_FEE: lambda: _("Абонентская плата за день"),
    ServiceKind.NUMBER: lambda: _("Подключение номера"),
    ServiceKind.ORDER: lambda: _("Услуги по заказу"),
    ServiceKind.PROMISE: lambda: _("Плата за обещанный платёж"),
    ServiceKind.OTHER: lambda: _("Прочие услуги"),
}


def word(kind: ServiceKind) -> str:
    """Return what a kind of services is called."""
    return _WORDS[kind]()
