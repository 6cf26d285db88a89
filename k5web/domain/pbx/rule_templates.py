"""Rules to begin with: the one of a number that has none, and four that an organisation may take as they are."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from k5web.domain.pbx.hours import Span
from k5web.domain.pbx.rule import EVERYBODY, MOST_MEMBERS, Forward, Hours, Menu, Ring, Rule, Say, Step, Voicemail, Wait

WEEK: Final = tuple(range(5))


def default_rule(phone: str | None) -> Rule:
    """Return the rule of a number without one: its owner's phones, then the owner's own telephone, then voice mail."""
    after = "out" if phone else "vm"
    steps: dict[str, Step] = {"start": _ring((EVERYBODY,), after)}
    if phone:
        steps["out"] = Forward(phone, 25, "vm", "vm", "vm")
    return Rule({**steps, "vm": Voicemail()})


def shop(people: Sequence[str], phone: str | None) -> Rule:
    """Return the rule of a shop: its people while it is open, voice mail while it is closed."""
    by_default = default_rule(phone)
    steps: dict[str, Step] = {
        "start": Hours((Span((*WEEK, 5), 10 * 60, 20 * 60),), "s2", "s3"),
        "s2": _ring(_some(people), "out" if phone else "vm"),
        "s3": Say("not-now", "vm"),
        **{name: step for name, step in by_default.steps.items() if name != "start"},
    }
    return Rule(steps)


def office(people: Sequence[str], phone: str | None) -> Rule:
    """Return the rule of an office: a greeting, a key for each of the first people, everybody where none is pressed."""
    steps: dict[str, Step] = {"vm": Voicemail()}
    keys = {}
    for key, extension in zip("123456789", people, strict=False):
        name = f"s{int(key) + 2}"
        keys[key] = name
        steps[name] = _ring((extension,), "vm")
    steps["s2"] = _ring(_some(people), "vm")
    return Rule({"start": Menu("greeting", keys or {"1": "s2"}, nothing="s2"), **steps})


def call_centre(people: Sequence[str], phone: str | None) -> Rule:
    """Return the rule of a call centre: callers wait in line in working hours, and leave a message otherwise."""
    return Rule(
        {
            "start": Hours((Span(WEEK, 9 * 60, 18 * 60),), "s2", "s4"),
            "s2": Say("wait-operator", "s3"),
            "s3": Wait(_some(people), 600, "vm"),
            "s4": Say("not-now", "vm"),
            "vm": Voicemail(),
        }
    )


def one_person(people: Sequence[str], phone: str | None) -> Rule:
    """Return the rule of one person."""
    return default_rule(phone)


TEMPLATES: Final[Mapping[str, Callable[[Sequence[str], str | None], Rule]]] = {
    "one": one_person,
    "shop": shop,
    "office": office,
    "centre": call_centre,
}


def _some(people: Sequence[str]) -> tuple[str, ...]:
    return tuple(people[:MOST_MEMBERS]) or (EVERYBODY,)


def _ring(people: tuple[str, ...], after: str) -> Ring:
    return Ring(people, no_answer=after, busy=after, unreachable=after)
