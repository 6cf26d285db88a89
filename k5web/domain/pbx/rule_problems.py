"""What is wrong with a rule: everything at once, each named by its step, so that it can be put right in one go."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from k5web.domain.pbx.rule import (
    END,
    EVERYBODY,
    KEYS,
    MOST_HOPS,
    MOST_MEMBERS,
    MOST_STEPS,
    PROMPTS,
    START,
    Forward,
    Hours,
    Menu,
    Ring,
    Rule,
    Say,
    Step,
    Wait,
    ways,
)

What = Literal[
    "no_start",
    "too_many_steps",
    "too_long",
    "dead_end",
    "loop",
    "lonely",
    "no_people",
    "too_many_people",
    "unknown_person",
    "no_hours",
    "no_keys",
    "unknown_prompt",
    "own_number",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `fact`: the extension, the way, the number or the prompt that it is about."""

    what: What
    step: str = ""
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What a rule may name: extensions of the organisation's people, its prompts that are ready; and K5's own numbers
    among those that it leads to, which no forward may reach."""

    people: Collection[str] = ()
    prompts: Collection[str] = ()
    rented: Collection[str] = ()


def size(step: Step) -> int:
    """Return how many steps this is for the switch."""
    return len(step.people) if isinstance(step, Ring) and not step.is_together else 1


def problems(rule: Rule, known: Known) -> list[Problem]:
    """Return all that is wrong with a rule; none: it may be put in force."""
    if START not in rule.steps:
        return [Problem("no_start")]
    found = [*_of_whole(rule)]
    reached = rule.order()
    for name, step in rule.steps.items():
        if name not in reached:
            found.append(Problem("lonely", name))
        found += (
            Problem("dead_end", name, way) for way, target in ways(step) if target != END and target not in rule.steps
        )
        found += _of_step(name, step, known)
    return found


def _of_whole(rule: Rule) -> Iterator[Problem]:
    if sum(size(step) for step in rule.steps.values()) > MOST_STEPS:
        yield Problem("too_many_steps")
    looped = _looped(rule)
    if looped:
        yield Problem("loop", looped)
    elif _longest(rule) > MOST_HOPS:
        yield Problem("too_long")


def _of_step(name: str, step: Step, known: Known) -> Iterator[Problem]:
    if isinstance(step, Ring | Wait):
        yield from _of_people(name, step, known)
    if isinstance(step, Hours) and not step.spans:
        yield Problem("no_hours", name)
    if isinstance(step, Menu) and not step.keys and not known.people:
        yield Problem("no_keys", name)
    if isinstance(step, Menu | Say) and step.prompt not in PROMPTS and step.prompt not in known.prompts:
        yield Problem("unknown_prompt", name, step.prompt)
    if isinstance(step, Forward) and step.number in known.rented:
        yield Problem("own_number", name, step.number)


def _of_people(name: str, step: Ring | Wait, known: Known) -> Iterator[Problem]:
    if not step.people:
        yield Problem("no_people", name)
    if len(step.people) > MOST_MEMBERS:
        yield Problem("too_many_people", name)
    for extension in step.people:
        if extension != EVERYBODY and extension not in known.people:
            yield Problem("unknown_person", name, extension)


def _on(rule: Rule, name: str) -> list[str]:
    """Return where a call may go on by itself: a key that a caller presses again and again is no loop of the rule."""
    targets = [target for way, target in ways(rule.steps[name]) if way not in KEYS]
    return [target for target in targets if target in rule.steps]


def _looped(rule: Rule) -> str:
    """Return a step to which a call comes back without anybody's doing; "" where there is none."""
    done: set[str] = set()
    for first in rule.steps:
        path = [(first, iter(_on(rule, first)))]
        on_path = {first}
        while path:
            name, rest = path[-1]
            target = next(rest, None)
            if target is None:
                done.add(name)
                on_path.discard(name)
                path.pop()
            elif target in on_path:
                return target
            elif target not in done:
                on_path.add(target)
                path.append((target, iter(_on(rule, target))))
    return ""


def _longest(rule: Rule) -> int:
    """Return how many steps of the switch the longest call takes that nobody leads in a circle. There is no loop."""

    @cache
    def longest(name: str) -> int:
        return size(rule.steps[name]) + max((longest(target) for target in _on(rule, name)), default=0)

    return max(longest(name) for name in rule.steps)
