"""The words of refused address books."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from k5web.web.texts import _

Facts = Mapping[str, Any]


def _address_book(facts: Facts) -> str:
    match facts["why"]:
        case "no_end" | "not_closed":
            return _(
                "Файл обрывается на строке %(line)s. Выгрузите контакты с телефона ещё раз. Мы ничего не меняли.",
                line=facts["line"],
            )
        case "not_a_row":
            return _("Строка %(line)s – не строка таблицы. Выгрузите контакты ещё раз.", line=facts["line"])
        case "too_large":
            return _(
                "Файл больше %(most)s МБ. Выгрузите контакты без фотографий или по частям. Мы ничего не меняли.",
                most=facts["most_mb"],
            )
        case "too_much":
            return _("В файле слишком много номеров или строк. Разделите его на части.")
        case "damaged":
            return _("Файл повреждён. Выгрузите контакты с телефона ещё раз.")
        case _:
            return _("Это не файл контактов. Нужен файл .vcf с телефона или таблица .csv.")


WORDS: Final[Mapping[str, Callable[[Facts], str]]] = {"wrong_address_book": _address_book}
