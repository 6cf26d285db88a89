"""A rule as it is kept: one reading only. What is not exactly this is no rule.

{"start": {"kind": "ring", "people": ["201"], "seconds": 25, "is_together": true, "no_answer": "vm", …}, "vm": {…}}
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Final

from k5web.domain.pbx.hours import DAYS, MOST_SPANS, Span
from k5web.domain.pbx.rule import END, EVERYBODY, KEYS, KINDS, PROMPTS, SECONDS, TRIES, Rule, Step, facts_of

NAME: Final = r"start|out|vm|s[1-9][0-9]{0,3}"  # of a step; part of a name the switch looks up
_NAME = re.compile(NAME, re.ASCII)
_EXTENSION = re.compile(r"[1-9][0-9]{1,3}", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]{6,14}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{32}", re.ASCII)


def read_rule(steps: Mapping[str, Any]) -> Rule:
    """Return the rule that was kept. Raises: ValueError naming the step."""
    return Rule({_name(name): read_step(name, step) for name, step in steps.items()})


def read_step(name: str, told: object) -> Step:
    """Return one step. Raises: ValueError naming it."""
    facts = dict(told) if isinstance(told, Mapping) else {}
    kind = KINDS.get(facts.pop("kind", ""))
    if kind is None or facts.keys() != {field.name for field in fields(kind)}:
        raise ValueError(f"{name[:20]}: no kind of step has these fields")
    try:
        read = {field: READERS[field](value) for field, value in facts.items()}
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name[:20]}: {error}") from error
    if read.get("seconds", 0) not in SECONDS.get(kind, (0,)):
        raise ValueError(f"{name[:20]}: as many seconds as no step of its kind takes")
    return kind(**read)


def write_rule(rule: Rule) -> dict[str, Any]:
    """Return the rule as it is kept."""
    return {name: write_step(step) for name, step in rule.steps.items()}


def write_step(step: Step) -> dict[str, Any]:
    """Return one step as it is kept."""
    return {"kind": step.KIND} | {name: _written(value) for name, value in facts_of(step).items()}


def is_extension(text: str) -> bool:
    """Return whether a rule may name people by this."""
    return text == EVERYBODY or bool(_EXTENSION.fullmatch(text))


def _written(value: object) -> object:
    match value:
        case Span():
            return {"days": list(value.days), "opens": value.opens, "closes": value.closes}
        case Mapping():
            return dict(value)
        case tuple():
            return [_written(one) for one in value]
    return value


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text[:20]} is no name of a step")
    return text


def _way(value: object) -> str:
    return END if value == END else _name(_text(value))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is missing")
    return value


def _fitting(is_one: Callable[[str], object]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not is_one(text := _text(value)):
            raise ValueError(f"{text[:20]} may not stand there")
        return text

    return read


def _whole(value: object) -> int:
    if type(value) is not int:
        raise ValueError("a whole number is missing")
    return value


def _tries(value: object) -> int:
    if _whole(value) not in TRIES:
        raise ValueError("too many tries, or none")
    return _whole(value)


def _flag(value: object) -> bool:
    if type(value) is not bool:
        raise ValueError("true or false is missing")
    return value


def _listed(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("a list is missing")
    return value


def _people(value: object) -> tuple[str, ...]:
    read = _fitting(is_extension)
    return tuple(read(one) for one in _listed(value))


def _keys(value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not value.keys() <= {*KEYS}:
        raise ValueError("keys of a telephone are missing")
    return {key: _way(target) for key, target in value.items()}


def _spans(value: object) -> tuple[Span, ...]:
    told = _listed(value)
    if len(told) > MOST_SPANS:
        raise ValueError("too many working hours")
    return tuple(_span(**one) for one in told)


def _span(days: object, opens: object, closes: object) -> Span:
    chosen = tuple(_whole(day) for day in _listed(days))
    span = Span(chosen, _whole(opens), _whole(closes))
    if chosen != tuple(sorted({*chosen} & {*range(len(DAYS))})) or not chosen:
        raise ValueError("no days of the week")
    if not (0 <= span.opens < 1440 and 0 < span.closes <= 1440) or span.opens == span.closes:
        raise ValueError("no hours")
    return span


READERS: Final[Mapping[str, Callable[[object], Any]]] = {
    "people": _people,
    "seconds": _whole,
    "tries": _tries,
    "is_together": _flag,
    "is_busy": _flag,
    "number": _fitting(_NUMBER.fullmatch),
    "prompt": _fitting(lambda text: text in PROMPTS or _DIGEST.fullmatch(text)),
    "keys": _keys,
    "spans": _spans,
    **dict.fromkeys(("no_answer", "busy", "unreachable", "refused", "nothing", "open", "closed", "then"), _way),
}
