"""What a call would do, without calling: the rule followed as the switch follows it, with made-up answers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from k5web.domain.pbx.rule import (
    END,
    EVERYBODY,
    MOST_HOPS,
    START,
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
)


class Reached(StrEnum):
    """How it goes with somebody who is rung."""

    ANSWER = "answer"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNREACHABLE = "unreachable"  # no phone is there; of a forward: refused, or no money


class Met(StrEnum):
    """What a call meets."""

    RANG = "rang"
    FORWARDED = "forwarded"
    PRESSED = "pressed"
    DIALLED = "dialled"  # an extension, in a menu
    NOT_PRESSED = "not_pressed"
    OPEN = "open"
    CLOSED = "closed"
    SAID = "said"
    WAITED = "waited"
    RECORDED = "recorded"
    HUNG_UP = "hung_up"
    LOST = "lost"  # the rule leads nowhere: everybody is rung
    BLACK = "black"
    ENDED = "ended"  # nothing comes after


@dataclass(frozen=True, slots=True)
class Stage:
    """One thing that a call meets. `fact`: extensions, joined by commas, the number, the key, the prompt."""

    met: Met
    step: str = ""
    fact: str = ""
    reached: Reached | None = None


@dataclass(frozen=True, slots=True)
class States:
    """Who would answer, and what the caller presses each time that K5 waits for keys; afterwards nothing."""

    person: Callable[[str], Reached]  # by the extension
    forward: Reached = Reached.NO_ANSWER
    keys: tuple[str, ...] = ()
    extensions: frozenset[str] = frozenset()  # that a menu knows
    is_black: bool = False


def walk(rule: Rule, moment: datetime, states: States) -> list[Stage]:
    """Return what a call at this moment, in the operator's zone, would meet, up to its end."""
    if states.is_black:
        return [Stage(Met.BLACK)]
    return [*_Caller(rule, moment, states).met()]


def together(reached: Sequence[Reached]) -> Reached:
    """Return how it goes where all of these are rung at once. Source: Asterisk's app_dial."""
    for best in (Reached.ANSWER, Reached.NO_ANSWER, Reached.BUSY):
        if best in reached:
            return best
    return Reached.UNREACHABLE


class _Caller:
    """A call on its way through a rule."""

    def __init__(self, rule: Rule, moment: datetime, states: States) -> None:
        self._rule = rule
        self._moment = moment
        self._states = states
        self._keys = iter(states.keys)
        self._hops = 0
        self._next = START

    def met(self) -> Iterator[Stage]:
        """Yield what the call meets."""
        while self._next != END:
            name, self._next = self._next, END
            step = self._rule.steps.get(name)
            if step is None or not self._hop():
                yield from self._lost(name)
                return
            yield from self._at(name, step)
        yield Stage(Met.ENDED)

    def _hop(self) -> bool:
        self._hops += 1
        return self._hops <= MOST_HOPS

    def _lost(self, name: str) -> Iterator[Stage]:
        yield Stage(Met.LOST, name, EVERYBODY, self._states.person(EVERYBODY))
        yield Stage(Met.ENDED)

    def _at(self, name: str, step: Step) -> Iterator[Stage]:
        match step:
            case Ring():
                yield from self._ring(name, step)
            case Forward():
                reached = self._states.forward
                yield Stage(Met.FORWARDED, name, step.number, reached)
                self._next = _onward(reached, step.no_answer, step.busy, step.refused)
            case Menu():
                yield from self._menu(name, step)
            case Hours():
                is_open = any(span.covers(self._moment) for span in step.spans)
                yield Stage(Met.OPEN if is_open else Met.CLOSED, name)
                self._next = step.open if is_open else step.closed
            case Say():
                yield Stage(Met.SAID, name, step.prompt)
                self._next = step.then
            case Wait():
                answered = Reached.ANSWER in [self._states.person(one) for one in step.people]
                reached = Reached.ANSWER if answered else Reached.NO_ANSWER
                yield Stage(Met.WAITED, name, ",".join(step.people), reached)
                self._next = END if answered else step.then
            case Voicemail():
                yield Stage(Met.RECORDED, name)
            case Hang():
                yield Stage(Met.HUNG_UP, name, "busy" if step.is_busy else "")

    def _ring(self, name: str, step: Ring) -> Iterator[Stage]:
        groups = [step.people] if step.is_together else [(one,) for one in step.people]
        for at, people in enumerate(groups):
            if at and not self._hop():
                yield from self._lost(name)
                return
            reached = together([self._states.person(one) for one in people])
            yield Stage(Met.RANG, name, ",".join(people), reached)
            if reached is Reached.ANSWER:
                return
        self._next = _onward(reached, step.no_answer, step.busy, step.unreachable)

    def _menu(self, name: str, step: Menu) -> Iterator[Stage]:
        yield Stage(Met.SAID, name, step.prompt)
        for _try in range(step.tries):
            pressed = next(self._keys, "")
            if step.keys.get(pressed):
                yield Stage(Met.PRESSED, name, pressed)
                self._next = step.keys[pressed]
                return
            if pressed in self._states.extensions:
                reached = self._states.person(pressed)
                yield Stage(Met.DIALLED, name, pressed, reached)
                self._next = END if reached is Reached.ANSWER else step.nothing
                return
        yield Stage(Met.NOT_PRESSED, name)
        self._next = step.nothing


def _onward(reached: Reached, no_answer: str, busy: str, unreachable: str) -> str:
    return {Reached.NO_ANSWER: no_answer, Reached.BUSY: busy, Reached.UNREACHABLE: unreachable}.get(reached, END)
