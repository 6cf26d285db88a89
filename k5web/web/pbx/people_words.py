"""Words for refusals about people of a PBX and their phones."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from k5web.web.texts import _, ngettext

Facts = Mapping[str, Any]

WORDS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "no_pbx": lambda facts: _("На тарифе «%(plan)s» нет ВАТС. Выберите тариф, в котором она есть.", plan=facts["plan"]),
    "people_limit": lambda facts: ngettext(
        "Оплачено место для %(num)s сотрудника. Закажите ещё одно место или удалите того, кто не нужен.",
        "Оплачены места для %(num)s сотрудников. Закажите ещё одно место или удалите того, кто не нужен.",
        int(facts["limit"]),
    ),
    "wrong_extension": lambda facts: _(
        "Внутренний номер – от двух до четырёх цифр, не с нуля. 101–104 и 112 заняты экстренными службами."
    ),
    "extension_taken": lambda facts: _(
        "Внутренний номер %(extension)s уже занят. Выберите другой.", extension=facts["extension"]
    ),
    "wrong_network": lambda facts: _(
        "Это не сеть: «%(typed)s». Напишите до пяти адресов вида 203.0.113.7 или 203.0.113.0/24 через пробел.",
        typed=facts["text"],
    ),
}
