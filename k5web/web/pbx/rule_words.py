"""A rule of a number in words: each step a sentence, each way where it leads, each thing that a call would meet."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from k5web.domain.pbx.hours import Span, clock, runs
from k5web.domain.pbx.image import BY_ID
from k5web.domain.pbx.rule import (
    EVERYBODY,
    KEYS,
    PROMPTS,
    Forward,
    Hang,
    Hours,
    Menu,
    Ring,
    Rule,
    Say,
    Step,
    Voicemail,
    Wait,
    ways,
)
from k5web.domain.pbx.rule_edits import way_names
from k5web.domain.pbx.rule_walk import Met, Reached, Stage
from k5web.web.texts import _, ngettext
from k5web.web.words import phone

Own = Mapping[str, str]
NONE: Final[Own] = {}
KIND_WORDS: Final[Mapping[str, Callable[[], str]]] = {
    "ring": lambda: _("Позвонить сотрудникам"),
    "forward": lambda: _("Переадресовать на другой номер"),
    "menu": lambda: _("Голосовое меню"),
    "hours": lambda: _("Разделить по часам работы"),
    "say": lambda: _("Сказать"),
    "queue": lambda: _("Очередь с музыкой"),
    "voicemail": lambda: _("Голосовая почта"),
    "hang": lambda: _("Закончить звонок"),
}
TEMPLATE_WORDS: Final[Mapping[str, Callable[[], str]]] = {
    "one": lambda: _("Один человек: телефоны, потом мобильный, потом голосовая почта"),
    "shop": lambda: _("Магазин с часами работы"),
    "office": lambda: _("Офис с голосовым меню"),
    "centre": lambda: _("Колл-центр с очередью"),
}
WAY_WORDS: Final[Mapping[str, Callable[[], str]]] = {
    "no_answer": lambda: _("не ответили"),
    "busy": lambda: _("занято"),
    "unreachable": lambda: _("телефоны недоступны"),
    "refused": lambda: _("отказ или нет денег"),
    "nothing": lambda: _("ничего не нажали"),
    "open": lambda: _("в рабочее время"),
    "closed": lambda: _("в другое время"),
    "then": lambda: _("потом"),
}
PROMPT_WORDS: Final[Mapping[str, Callable[[], str]]] = {
    "greeting": lambda: _("Здравствуйте, наберите добавочный номер"),
    "not-now": lambda: _("сейчас ответить не можем"),
    "wait-operator": lambda: _("оставайтесь на линии"),
}
REACHED_WORDS: Final[Mapping[Reached, Callable[[], str]]] = {
    Reached.ANSWER: lambda: _("ответили, разговор начался"),
    Reached.NO_ANSWER: lambda: _("не ответили"),
    Reached.BUSY: lambda: _("занято"),
    Reached.UNREACHABLE: lambda: _("не дозвонились"),
}
DAY_WORDS: Final[tuple[Callable[[], str], ...]] = (
    lambda: _("пн"), lambda: _("вт"), lambda: _("ср"), lambda: _("чт"), lambda: _("пт"), lambda: _("сб"),
    lambda: _("вс"),
)  # fmt: skip


def number_name(number: str) -> str:
    """Return what a rule is of: a number, or the callers by id."""
    return _("Звонки по вашему ID") if number == BY_ID else phone(number)


def prompt_name(prompt: str, own: Own = NONE) -> str:
    """Return what a prompt of the house says, or what the organisation calls its own."""
    return PROMPT_WORDS[prompt]() if prompt in PROMPTS else own.get(prompt) or _("приветствие, которого больше нет")


def people_words(people: Sequence[str]) -> str:
    """Return whom a step rings."""
    if tuple(people) == (EVERYBODY,):
        return _("все телефоны")
    return ", ".join(_("все") if one == EVERYBODY else one for one in people) or _("никому")


def seconds_words(seconds: int) -> str:
    """Return how long something takes."""
    return ngettext("%(num)s секунду", "%(num)s секунды", seconds)


def hours_words(spans: Iterable[Span]) -> str:
    """Return working hours: «пн–пт 09:00–18:00, сб 10:00–14:00»."""
    return ", ".join(f"{_days(span.days)} {clock(span.opens)}–{clock(span.closes)}" for span in spans)


def step_words(step: Step, own: Own = NONE) -> str:
    """Return what a step does, without where it leads. `own`: titles of the organisation's prompts, by digest."""
    match step:
        case Ring():
            facts = {"people": people_words(step.people), "time": seconds_words(step.seconds)}
            if step.is_together:
                return _("Звоним: %(people)s, %(time)s.", **facts)
            return _("Звоним по очереди: %(people)s, каждому %(time)s.", **facts)
        case Forward():
            facts = {"number": phone(step.number), "time": seconds_words(step.seconds)}
            return _("Переадресуем на %(number)s, ждём %(time)s. Это платно.", **facts)
        case Menu():
            return _("Меню: «%(prompt)s». Можно набрать и добавочный.", prompt=prompt_name(step.prompt, own))
        case Hours():
            return _("Смотрим на часы: работаем %(hours)s (Москва).", hours=hours_words(step.spans))
        case Say():
            return _("Говорим: «%(prompt)s».", prompt=prompt_name(step.prompt, own))
        case Wait():
            facts = {"people": people_words(step.people), "time": seconds_words(step.seconds)}
            return _("Ставим в очередь с музыкой: %(people)s, не дольше чем на %(time)s.", **facts)
        case Voicemail():
            return _("Записываем сообщение, не длиннее чем на %(time)s.", time=seconds_words(step.seconds))
        case Hang():
            return _("Отвечаем «занято».") if step.is_busy else _("Кладём трубку.")


def way_words(way: str) -> str:
    """Return the condition of a way: a key, or how it went."""
    return _("кнопка %(key)s", key=way) if way in KEYS else WAY_WORDS[way]()


def numbered(rule: Rule) -> dict[str, int]:
    """Return the steps' numbers for people: 1, 2, 3 … in the order in which they are read."""
    return {name: at for at, name in enumerate(rule.order(), start=1)}


def target_words(numbers: Mapping[str, int], target: str) -> str:
    """Return where a way leads."""
    return _("шаг %(number)s", number=numbers[target]) if target in numbers else _("конец звонка")


def place_words(rule: Rule, place: str, way: str) -> str:
    """Return where a new step will stand: behind a way of this step, or before all others."""
    numbers = numbered(rule)
    if place not in numbers or way not in way_names(rule.steps[place]):
        return _("Новый шаг станет первым.")
    if way == "then":
        return _("Новый шаг: после шага %(number)s.", number=numbers[place])
    return _("Новый шаг: после шага %(number)s, путь «%(way)s».", number=numbers[place], way=way_words(way))


def ways_words(step: Step, numbers: Mapping[str, int]) -> list[str]:
    """Return where a step leads: ways to one place are one line."""
    order = sorted(ways(step), key=lambda pair: numbers.get(pair[1], 0))
    found = []
    for target, group in groupby(order, key=lambda pair: pair[1]):
        conditions = ", ".join(way_words(way) for way, _target in group)
        found.append(f"{conditions} → {target_words(numbers, target)}")
    return found


def stage_words(stage: Stage, own: Own = NONE) -> str:
    """Return one thing that a call would meet. `own`: what the organisation's prompts say, by digest."""
    how = REACHED_WORDS[stage.reached]() if stage.reached else ""
    people = people_words(stage.fact.split(","))
    said: Mapping[Met, Callable[[], str]] = {
        Met.RANG: lambda: _("Звоним: %(people)s – %(reached)s.", people=people, reached=how),
        Met.FORWARDED: lambda: _("Переадресуем на %(number)s – %(reached)s.", number=phone(stage.fact), reached=how),
        Met.PRESSED: lambda: _("Нажата кнопка %(key)s.", key=stage.fact),
        Met.DIALLED: lambda: _("Набран добавочный %(key)s – %(reached)s.", key=stage.fact, reached=how),
        Met.NOT_PRESSED: lambda: _("Ничего не нажато."),
        Met.OPEN: lambda: _("Сейчас рабочее время."),
        Met.CLOSED: lambda: _("Сейчас не рабочее время."),
        Met.SAID: lambda: _("Звонящий слышит: «%(prompt)s».", prompt=prompt_name(stage.fact, own)),
        Met.WAITED: lambda: _("Ждёт в очереди: %(people)s – %(reached)s.", people=people, reached=how),
        Met.RECORDED: lambda: _("Звонящий оставляет сообщение."),
        Met.HUNG_UP: lambda: _("Звонящий слышит «занято».") if stage.fact else _("Кладём трубку."),
        Met.LOST: lambda: _("Правило слишком длинное: звоним на все телефоны – %(reached)s.", reached=how),
        Met.BLACK: lambda: _("Номер в чёрном списке: звонок не принят."),
        Met.ENDED: lambda: _("Звонок окончен."),
    }  # fmt: skip
    return said[stage.met]()


def _days(days: Iterable[int]) -> str:
    names = [word() for word in DAY_WORDS]
    return ", ".join(names[first] if first == last else f"{names[first]}–{names[last]}" for first, last in runs(days))
