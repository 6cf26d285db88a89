"""Words for refusals that only the staff meet."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from k5web.web.desk import deed_refusals, price_refusals
from k5web.web.texts import _, ngettext

Facts = Mapping[str, Any]


def _unproved(facts: Facts) -> str:
    left = int(facts["attempts_left"])
    wrong = _("Логин, пароль и код не подходят друг к другу. Код годится полминуты и один раз.")
    if left == 0:
        return wrong
    return " ".join((wrong, ngettext("Осталась %(num)s попытка.", "Осталось попыток: %(num)s.", left)))


def _upload(facts: Facts) -> str:
    return {
        "empty": _("Файл пуст. Выберите тот, в котором есть строки."),
        "name": _("Такое имя файла не годится: сделайте его короче, до 120 обычных знаков."),
    }.get(facts["why"], _("Выберите файл и нажмите ещё раз."))


WORDS: Final[Mapping[str, Callable[[Facts], str]]] = {
    **deed_refusals.WORDS,
    **price_refusals.WORDS,
    "staff_unproved": _unproved,
    "wrong_upload": _upload,
    "wrong_resolution": lambda facts: _(
        "С таким расхождением этого не делают. Обновите страницу: оно могло измениться."
    ),
    "not_allowed": lambda facts: _("Ваша роль этого не позволяет. Попросите того, чья это работа."),
    "wrong_staff_login": lambda facts: _("Логин – от 2 до 32 знаков: маленькие латинские буквы, цифры, точка, дефис."),
    "wrong_role": lambda facts: _("Отметьте хотя бы одну роль."),
    "last_owner": lambda facts: _("Это последний владелец. Сначала дайте эту роль другому."),
    "own_roles": lambda facts: _("Свои роли меняет другой владелец, не вы сами."),
}
