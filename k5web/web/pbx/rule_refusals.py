"""Words for refusals about rules of numbers, their prompts, and for all that may be wrong with a rule."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, cast

from k5web.domain.pbx.greeting import LARGEST_MB, LONGEST_WORDS
from k5web.domain.pbx.image import BY_ID
from k5web.domain.pbx.rule import MOST_HOPS, MOST_MEMBERS, MOST_STEPS
from k5web.domain.pbx.rule_problems import Problem, What
from k5web.errors import K5Error, WrongHours, WrongNumber, WrongRule
from k5web.web.texts import _
from k5web.web.words import phone

Facts = Mapping[str, Any]

PROBLEMS: Final[Mapping[What, Callable[[Problem], str]]] = {
    "no_start": lambda _one: _("В правиле нет ни одного шага."),
    "too_many_steps": lambda _one: _("В правиле больше %(most)s шагов: уберите лишние.", most=MOST_STEPS),
    "too_long": lambda _one: _("Один звонок прошёл бы больше %(most)s шагов: сократите правило.", most=MOST_HOPS),
    "dead_end": lambda _one: _("Шаг ведёт туда, где шага нет. Выберите, что дальше."),
    "loop": lambda _one: _("Правило ходит по кругу: звонок никогда не закончится. Выберите другое «дальше»."),
    "lonely": lambda _one: _("К одному из шагов никто не попадёт."),
    "no_people": lambda _one: _("Не выбрано, кому звонить."),
    "too_many_people": lambda _one: _("За один раз можно позвать не больше %(most)s сотрудников.", most=MOST_MEMBERS),
    "unknown_person": lambda one: _("Сотрудника с номером %(extension)s нет.", extension=one.fact),
    "no_hours": lambda _one: _("Не указаны часы работы."),
    "no_keys": lambda _one: _("В меню нет ни одной кнопки."),
    "unknown_prompt": lambda _one: _("Такого приветствия нет: выберите другое."),
    "own_number": lambda one: _(
        "%(number)s – номер K5. Переадресовать можно только на номер другого оператора.", number=phone(one.fact)
    ),
}
FIELDS: Final[Mapping[What, str]] = {
    "no_people": "people",
    "too_many_people": "people",
    "unknown_person": "people",
    "no_hours": "hours",
    "no_keys": "key1",
    "unknown_prompt": "prompt",
    "own_number": "number",
}
GREETINGS: Final[Mapping[str, Callable[[], str]]] = {
    "too_large": lambda: _("Файл больше %(most)s МБ. Выберите другой.", most=LARGEST_MB),
    "too_long": lambda: _("Запись длиннее минуты. Сократите её."),
    "no_sound": lambda: _("В этом файле нет звука, который мы умеем читать. Подойдут WAV, MP3, OGG и M4A."),
    "words": lambda: _("Напишите слова приветствия обычными буквами, не больше %(most)s знаков.", most=LONGEST_WORDS),
}


def said(problems: Sequence[Problem]) -> list[str]:
    """Return what is wrong, each sentence once."""
    return list(dict.fromkeys(PROBLEMS[one.what](one) for one in problems))


def gone_words(extensions: Iterable[str]) -> list[str]:
    """Return that nobody has these extensions any more."""
    return said([Problem("unknown_person", fact=one) for one in extensions])


def field_of(error: K5Error) -> str:
    """Return the field of a step's form that a refusal is about; the form itself where it is about the whole rule."""
    if isinstance(error, WrongRule):
        problems = cast(Sequence[Problem], error.facts["problems"])
        return FIELDS.get(problems[0].what, "step") if problems else "step"
    return "number" if isinstance(error, WrongNumber) else "hours" if isinstance(error, WrongHours) else "step"


def why_no_greeting(reason: str) -> str:
    """Return why a file cannot be a prompt."""
    return GREETINGS.get(reason, GREETINGS["no_sound"])()


def _greeting_used(number: str) -> str:
    if number == BY_ID:
        return _("Это приветствие слышат те, кто набирает ваш ID. Сначала измените правило.")
    return _("Это приветствие звучит на номере %(number)s. Сначала измените его правило.", number=phone(number))


WORDS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "wrong_hours": lambda _facts: _("Часы не поняты. Выберите дни и напишите время так: 9:00 и 18:00."),
    "wrong_rule": lambda facts: " ".join([*said(facts["problems"]), _("Правило осталось прежним.")]),
    "stale_rule": lambda _facts: _("Правило уже изменили в другом окне. Посмотрите на новое и повторите."),
    "wrong_greeting": lambda facts: why_no_greeting(str(facts["reason"])),
    "greeting_used": lambda facts: _greeting_used(str(facts["number"])),
}
