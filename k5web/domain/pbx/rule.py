"""What the callers of a number meet: a rule of steps, each with its ways on. A value; nothing here rings.

`start` is the first step. A way that leads to no step ends the call. People are named by their extensions, `0` is
everybody, so that a rule outlives their phones; prompts by a word of the house, or by the digest of the sound.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any, ClassVar, Final, get_args

from k5web.domain.pbx.hours import Span

START: Final = "start"
END: Final = ""  # where a way leads that ends the call
EVERYBODY: Final = "0"  # the extension that rings all phones of an organisation
PROMPTS: Final = ("greeting", "not-now", "wait-operator")  # of the house, that a step may say
MOST_STEPS: Final = 50  # as the switch counts them: people rung in turn are a step each
MOST_HOPS: Final = 40  # of one call
MOST_MEMBERS: Final = 20  # of a queue, or rung at once
MOST_BLACK: Final = 200  # callers that an organisation does not take
KEYS: Final = tuple("1234567890")


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring people, all at once or one after another. Units: `seconds` until the next way, of each in turn."""

    KIND: ClassVar = "ring"
    WAYS: ClassVar = ("no_answer", "busy", "unreachable")
    people: tuple[str, ...]
    seconds: int = 25
    is_together: bool = True
    no_answer: str = END
    busy: str = END
    unreachable: str = END


@dataclass(frozen=True, slots=True)
class Forward:
    """Lead the call to a telephone number, which its owner pays for; `refused`: also where there is no money."""

    KIND: ClassVar = "forward"
    WAYS: ClassVar = ("no_answer", "busy", "refused")
    number: str  # E.164 digits
    seconds: int = 25
    no_answer: str = END
    busy: str = END
    refused: str = END


@dataclass(frozen=True, slots=True)
class Menu:
    """Say a prompt and wait for a key; an extension may be dialled as well."""

    KIND: ClassVar = "menu"
    WAYS: ClassVar = ("nothing",)
    prompt: str
    keys: Mapping[str, str]  # key: step
    seconds: int = 5
    tries: int = 3
    nothing: str = END


@dataclass(frozen=True, slots=True)
class Hours:
    """Part the calls by the operator's clock."""

    KIND: ClassVar = "hours"
    WAYS: ClassVar = ("open", "closed")
    spans: tuple[Span, ...]
    open: str = END
    closed: str = END


@dataclass(frozen=True, slots=True)
class Say:
    """Say a prompt."""

    KIND: ClassVar = "say"
    WAYS: ClassVar = ("then",)
    prompt: str
    then: str = END


@dataclass(frozen=True, slots=True)
class Wait:
    """Let callers wait, with music, in the order in which they came, until one of these people is free."""

    KIND: ClassVar = "queue"
    WAYS: ClassVar = ("then",)
    people: tuple[str, ...]
    seconds: int = 300
    then: str = END


@dataclass(frozen=True, slots=True)
class Voicemail:
    """Record what the caller says; then the call ends."""

    KIND: ClassVar = "voicemail"
    WAYS: ClassVar[tuple[str, ...]] = ()
    seconds: int = 120


@dataclass(frozen=True, slots=True)
class Hang:
    """End the call."""

    KIND: ClassVar = "hang"
    WAYS: ClassVar[tuple[str, ...]] = ()
    is_busy: bool = False  # the caller hears that the line is busy


Step = Ring | Forward | Menu | Hours | Say | Wait | Voicemail | Hang
KINDS: Final[Mapping[str, type[Step]]] = {kind.KIND: kind for kind in get_args(Step)}
SECONDS: Final[Mapping[type[Step], range]] = {
    Ring: range(5, 121),
    Forward: range(5, 121),
    Menu: range(1, 21),
    Wait: range(10, 1801),
    Voicemail: range(5, 301),
}
TRIES: Final = range(1, 6)


@dataclass(frozen=True, slots=True)
class Rule:
    """Steps by their names."""

    steps: Mapping[str, Step]

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", MappingProxyType(dict(self.steps)))

    def order(self) -> list[str]:
        """Return the names of the steps that a call may reach, each once, as a tree is read from its root."""
        found: dict[str, None] = {}
        waiting = [START]
        while waiting:
            name = waiting.pop()
            if name in found or name not in self.steps:
                continue
            found[name] = None
            waiting += reversed([target for _way, target in ways(self.steps[name])])
        return list(found)

    def forwards(self) -> tuple[str, ...]:
        """Return the numbers to which calls may be led."""
        return tuple(dict.fromkeys(step.number for step in self.steps.values() if isinstance(step, Forward)))

    def prompts(self) -> frozenset[str]:
        """Return the digests of the organisation's own prompts."""
        told = {step.prompt for step in self.steps.values() if isinstance(step, Menu | Say)}
        return frozenset(told - {*PROMPTS})


def ways(step: Step) -> Iterator[tuple[str, str]]:
    """Yield the ways on from a step: the key or the name of the way, and the step where it leads."""
    if isinstance(step, Menu):
        yield from ((key, step.keys[key]) for key in KEYS if key in step.keys)
    for way in step.WAYS:
        yield way, getattr(step, way)


def main_way(step: Step) -> str:
    """Return where a call goes on that meets nothing special at this step."""
    return str(getattr(step, step.WAYS[0])) if step.WAYS else END


def led(step: Step, way: str, to: str) -> Step:
    """Return the step with this way, or key, leading elsewhere."""
    if isinstance(step, Menu) and way in KEYS:
        return replace(step, keys={**step.keys, way: to})
    changed: Any = {way: to}
    return replace(step, **changed)


def redirected(step: Step, to: Callable[[str], str]) -> Step:
    """Return the step with every way leading where `to` says."""
    found = step
    for way, target in ways(step):
        found = led(found, way, to(target))
    return found


def facts_of(step: Step) -> Mapping[str, object]:
    """Return the fields of a step by their names."""
    return {field.name: getattr(step, field.name) for field in fields(step)}
