"""What is said about messages when one is refused."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from k5web.web.texts import _

Facts = Mapping[str, Any]

REFUSALS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "wrong_one_time_code": lambda facts: _("Код не подходит или устарел. Проверьте цифры или закажите новый код."),
    "wrong_email": lambda facts: _("Это не похоже на адрес почты. Проверьте, нет ли пробелов и опечаток."),
    "sms_country_closed": lambda facts: _("На номера этой страны мы не отправляем сообщения."),
    "sms_spent": lambda facts: _("Сегодня мы больше не можем отправлять сообщения. Попробуйте завтра."),
}
