"""Forms of a rule's steps: fields become the facts of a step, read as strictly as a kept rule is."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from k5web.domain.pbx.hours import MOST_SPANS, span
from k5web.domain.pbx.rule import KEYS, KINDS, TRIES, Step
from k5web.domain.pbx.rule_text import read_step, write_step
from k5web.domain.prices.number import Msisdn
from k5web.errors import WrongHours, WrongRule

UNUSED: Final = "-"  # what a key's field holds that leads nowhere
CHOICES: Final[Mapping[str, Sequence[int]]] = {
    "ring": (10, 15, 20, 25, 30, 45, 60, 90, 120),
    "forward": (10, 15, 20, 25, 30, 45, 60, 90, 120),
    "menu": (3, 5, 7, 10, 15, 20),
    "queue": (60, 120, 180, 300, 600, 900, 1800),
    "voicemail": (30, 60, 120, 180, 300),
}
FRESH: Final[Mapping[str, Mapping[str, Any]]] = {
    "ring": {"people": [], "seconds": 25, "is_together": True},
    "forward": {"number": "", "seconds": 25},
    "menu": {"prompt": "greeting", "keys": {}, "seconds": 5, "tries": 3},
    "hours": {"spans": [{"days": [0, 1, 2, 3, 4], "opens": 540, "closes": 1080}]},
    "say": {"prompt": "greeting"},
    "queue": {"people": [], "seconds": 300},
    "voicemail": {"seconds": 120},
    "hang": {"is_busy": False},
}


def fresh_facts(kind: str, target: str) -> dict[str, Any]:
    """Return what the form of a new step of this kind shows; all its ways lead to what it is put before."""
    return {"kind": kind, **FRESH[kind], **dict.fromkeys(KINDS[kind].WAYS, target)}


def facts_of_step(step: Step) -> dict[str, Any]:
    """Return what the form of a step shows."""
    return write_step(step)


def seconds_of(kind: str, chosen: int) -> list[int]:
    """Return the seconds that a form offers, with those that are chosen."""
    return sorted({*CHOICES[kind], chosen})


def read(kind: str, form: MultiDict[str, str], home: str) -> Step:
    """Return the step that was typed. Raises: WrongNumber, WrongHours, WrongRule (no form of ours was sent)."""
    wanted = FRESH[kind]
    facts: dict[str, Any] = {"kind": kind, **{way: form.get(way, "") for way in KINDS[kind].WAYS}}
    readers: Mapping[str, Callable[[], Any]] = {
        "people": lambda: form.getlist("people"),
        "seconds": lambda: _whole(form.get("seconds", "")),
        "tries": lambda: min(max(_whole(form.get("tries", "3")), TRIES[0]), TRIES[-1]),
        "is_together": lambda: form.get("is_together") != "no",
        "is_busy": lambda: form.get("is_busy") == "yes",
        "number": lambda: Msisdn.parse(form.get("number", ""), home).digits,
        "prompt": lambda: form.get("prompt", ""),
        "keys": lambda: {key: to for key in KEYS if (to := form.get(f"key{key}", UNUSED)) != UNUSED},
        "spans": lambda: _spans(form),
    }
    facts |= {name: readers[name]() for name in wanted}
    try:
        return read_step("", facts)
    except ValueError as error:
        raise WrongRule(problems=()) from error


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _spans(form: MultiDict[str, str]) -> list[dict[str, Any]]:
    """Return the working hours; a row without days is none."""
    found = []
    for at in range(MOST_SPANS):
        days = [_whole(day) for day in form.getlist(f"days{at}")]
        if days:
            read = span(days, form.get(f"opens{at}", ""), form.get(f"closes{at}", ""))
            found.append({"days": list(read.days), "opens": read.opens, "closes": read.closes})
    if not found:
        raise WrongHours(text="")
    return found
