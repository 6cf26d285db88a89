"""What is said when an address cannot be told of calls."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from k5web.web.texts import _

Facts = Mapping[str, Any]


def _wrong_hook(facts: Facts) -> str:
    match facts["reason"]:
        case "https":
            return _("Адрес должен начинаться с https:// и быть без номера порта.")
        case "name":
            return _("Нужно имя сайта, как crm.example.ru, а не четыре числа и не имя внутри сети.")
        case "own":
            return _("Это наш собственный адрес. Укажите адрес своей программы.")
        case "events":
            return _("Отметьте хотя бы одно событие.")
        case _:
            return _("Это не похоже на адрес программы. Скопируйте его целиком, с самого начала.")


WORDS: Final[Mapping[str, Callable[[Facts], str]]] = {"wrong_hook": _wrong_hook}
