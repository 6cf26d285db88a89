"""Forms of a rule's steps: fields become the facts of a step, read as strictly as a kept rule is.

What a form shows are facts as they are typed: numbers with their plus, hours as a clock shows them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from k5web.domain.pbx.hours import MOST_SPANS, clock, span
from k5web.domain.pbx.rule import END, KEYS, KINDS, SECONDS, TRIES, Step
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
    return _as_typed({"kind": kind, **FRESH[kind], **dict.fromkeys(KINDS[kind].WAYS, target)})


def facts_of_step(step: Step) -> dict[str, Any]:
    """Return what the form of a step shows."""
    return _as_typed(write_step(step))


def facts_of_form(kind: str, form: MultiDict[str, str]) -> dict[str, Any]:
    """Return what a form shows again that was refused: everything that was typed and chosen."""
    known = fresh_facts(kind, END)
    chosen: Mapping[str, Callable[[], Any]] = {
        **_plain_readers(form),
        "seconds": lambda: _one_of(form.get("seconds", ""), SECONDS[KINDS[kind]], known["seconds"]),
        "number": lambda: form.get("number", ""),
        "spans": lambda: _typed_spans(form),
    }
    ways = {way: form.get(way, END) for way in KINDS[kind].WAYS}
    return {"kind": kind, **{name: chosen[name]() for name in FRESH[kind]}, **ways}


def seconds_of(kind: str, chosen: int) -> list[int]:
    """Return the seconds that a form offers, with those that are chosen."""
    return sorted({*CHOICES[kind], chosen})


def read(kind: str, form: MultiDict[str, str], home: str) -> Step:
    """Return the step that was typed. Raises: WrongNumber, WrongHours, WrongRule (no form of ours was sent)."""
    wanted = FRESH[kind]
    facts: dict[str, Any] = {"kind": kind, **{way: form.get(way, "") for way in KINDS[kind].WAYS}}
    readers: Mapping[str, Callable[[], Any]] = {
        **_plain_readers(form),
        "seconds": lambda: _whole(form.get("seconds", "")),
        "number": lambda: Msisdn.parse(form.get("number", ""), home).digits,
        "spans": lambda: _spans(form),
    }
    facts |= {name: readers[name]() for name in wanted}
    try:
        return read_step("", facts)
    except ValueError as error:
        raise WrongRule(problems=()) from error


def _plain_readers(form: MultiDict[str, str]) -> dict[str, Callable[[], Any]]:
    """Return what reads the fields that cannot be typed wrong: they are chosen."""
    return {
        "people": lambda: form.getlist("people"),
        "tries": lambda: _one_of(form.get("tries", ""), TRIES, 3),
        "is_together": lambda: form.get("is_together") != "no",
        "is_busy": lambda: form.get("is_busy") == "yes",
        "prompt": lambda: form.get("prompt", ""),
        "keys": lambda: {key: to for key in KEYS if (to := form.get(f"key{key}", UNUSED)) != UNUSED},
    }


def _as_typed(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a step with its number and hours as they are typed."""
    if facts.get("number"):
        facts |= {"number": f"+{facts['number']}"}
    if "spans" in facts:
        edges = ("opens", "closes")
        facts |= {"spans": [{**one, **{edge: clock(one[edge]) for edge in edges}} for one in facts["spans"]]}
    return facts


def _one_of(text: str, allowed: range, otherwise: int) -> int:
    return number if (number := _whole(text)) in allowed else otherwise


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _typed_spans(form: MultiDict[str, str]) -> list[dict[str, Any]]:
    """Return the rows of working hours as they were typed, to the last one that is not empty."""
    rows = [
        {
            "days": [_whole(day) for day in form.getlist(f"days{at}")],
            "opens": form.get(f"opens{at}", ""),
            "closes": form.get(f"closes{at}", ""),
        }
        for at in range(MOST_SPANS)
    ]
    return rows[: max((at + 1 for at, row in enumerate(rows) if any(row.values())), default=0)]


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
