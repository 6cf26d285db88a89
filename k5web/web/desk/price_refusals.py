"""Words for refusals about files and drafts of prices and versions that are taken back."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from k5web.web.desk import deed_refusals
from k5web.web.texts import _

Facts = Mapping[str, Any]

WORDS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "draft_taken": lambda facts: _(
        "На этот день уже есть черновик № %(n)s. Сначала опубликуйте или отбросьте его.", n=facts["draft"]
    ),
    "draft_ended": lambda facts: _("Этот черновик уже опубликован или отброшен."),
    "draft_outdated": lambda facts: _(
        "С тех пор как черновик проверили, цены или ответы изменились. Проверьте его снова и посмотрите заново."
    ),
    "draft_too_long": lambda facts: _(
        "В списке больше %(most)s цен. Такой список загружают командой на сервере: попросите администратора.",
        most=facts["most"],
    ),
    "deck_stopped": lambda facts: _(
        "Проверка задаёт вопросы. Ответьте на них на странице черновика и проверьте снова."
    ),
    "in_force_already": lambda facts: _(
        "Версия уже вступила в силу или вступит через минуту, отозвать её нельзя. Опубликуйте прежний список снова, "
        "на день впереди."
    ),
    "withdrawn_already": lambda facts: _("Эта версия уже отозвана."),
    "still_dearer": lambda facts: _(
        "Без неё следующая версия подняла бы цены раньше, чем о них можно предупредить. Сначала отзовите следующую."
    ),
}

_OF_FILES: Final[Mapping[str, Callable[[Facts], str]]] = {
    **deed_refusals.WORDS,
    **WORDS,
    "wrong_deck": lambda facts: _(
        "Список не принят: строк с ошибками %(rows)s. Исправьте их и загрузите снова.", rows=facts["rows"]
    ),
    "wrong_plan": lambda facts: _("Тариф не принят: ошибок %(n)s. Исправьте их и загрузите снова.", n=facts["faults"]),
    "wrong_file": lambda facts: _("Файл не принят: %(reason)s", reason=facts["reason"]),
    "past_day": lambda facts: _("Этот день прошёл. Выберите сегодняшний или более поздний."),
    "day_too_far": lambda facts: _(
        "Этот день слишком далеко. Проверьте год и выберите %(day)s или раньше.", day=_day(facts["latest"])
    ),
    "notice_too_short": lambda facts: _(
        "Тариф становится дороже: о нём предупреждают за 10 дней. Выберите %(day)s или позже.",
        day=_day(facts["earliest"]),
    ),
    "plan_day_taken": lambda facts: _("На этот день уже опубликована версия тарифа. Выберите другой день."),
}


def file_words(code: str, facts: Facts) -> str:
    """Return why a list or a plan was not taken, "" for what has no words here. Days are ISO text in the facts."""
    return _OF_FILES[code](facts) if code in _OF_FILES else ""


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d.%m.%Y}"
