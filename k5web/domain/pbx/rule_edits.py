"""A rule changed by one step: put in, put elsewhere, taken out. Every edit makes a new rule; the old one stays."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from k5web.domain.pbx.rule import END, START, Menu, Rule, Say, Step, led, main_way, redirected
from k5web.errors import NotFound

LOOSE: Final = "first"  # a name that no step keeps


def get(rule: Rule, name: str) -> Step:
    """Return a step. Raises: NotFound."""
    if name not in rule.steps:
        raise NotFound(what=f"step {name[:20]}")
    return rule.steps[name]


def change(rule: Rule, name: str, step: Step) -> Rule:
    """Return the rule with other facts of a step. Raises: NotFound."""
    get(rule, name)
    return prune(Rule({**rule.steps, name: step}))


def say_instead(rule: Rule, old: str, new: str) -> Rule:
    """Return the rule with one prompt in the place of another, wherever it says that."""

    def said(step: Step) -> Step:
        return replace(step, prompt=new) if isinstance(step, Menu | Say) and step.prompt == old else step

    return Rule({name: said(step) for name, step in rule.steps.items()})


def add(rule: Rule, at: str, way: str, step: Step) -> Rule:
    """Return the rule with one step more, behind this way of this step; before all where `at` is none.

    Raises: NotFound.
    """
    first, steps = _loosened(rule)
    name = free_name(Rule(steps))
    step = redirected(step, _instead(START, first))
    if not at:
        return _fixed(name, {name: step, **steps})
    at = _instead(START, first)(at)
    if way not in way_names(get(Rule(steps), at)):
        raise NotFound(what=f"way {way} of a step")
    return _fixed(first, {**steps, at: led(steps[at], way, name), name: step})


def remove(rule: Rule, name: str) -> Rule:
    """Return the rule without a step: whoever came to it comes to where it led. Raises: NotFound."""
    get(rule, name)
    first, steps = _loosened(rule)
    first, rest, _step = _taken_out(first, steps, _instead(START, first)(name))
    return _fixed(first, rest)


def move(rule: Rule, name: str, before: str) -> Rule:
    """Return the rule in which a call comes to this step before that one.

    Raises: NotFound, also for a step that ends calls.
    """
    if not get(rule, name).WAYS:
        raise NotFound(what=f"way on from step {name}")
    get(rule, before)
    if name == before:
        return rule
    first, steps = _loosened(rule)
    loose = _instead(START, first)
    name, before = loose(name), loose(before)
    first, rest, step = _taken_out(first, steps, name)
    to = _instead(before, name)
    met = {one: redirected(each, to) for one, each in rest.items()}
    return _fixed(to(first) or name, {**met, name: led(step, step.WAYS[0], before)})


def prune(rule: Rule) -> Rule:
    """Return the rule without the steps that no call reaches."""
    reached = {*rule.order()}
    return Rule({name: step for name, step in rule.steps.items() if name in reached})


def way_names(step: Step) -> tuple[str, ...]:
    """Return the ways, and the keys that are used, behind which a step may be put."""
    keys = getattr(step, "keys", {})
    return (*step.WAYS, *keys)


def free_name(rule: Rule) -> str:
    """Return a name that no step has: s2, s3 …"""
    return next(name for number in range(2, len(rule.steps) + 3) if (name := f"s{number}") not in rule.steps)


def _instead(name: str, other: str) -> Callable[[str], str]:
    return lambda target: other if target == name else target


def _loosened(rule: Rule) -> tuple[str, dict[str, Step]]:
    """Return another name of the first step than `start`, and the steps with it: so it is a step like others."""
    to = _instead(START, LOOSE)
    return LOOSE, {to(name): redirected(step, to) for name, step in rule.steps.items()}


def _fixed(first: str, steps: Mapping[str, Step]) -> Rule:
    """Return the rule that begins at this step, without what no call reaches."""
    names = {first: START} if first == LOOSE else {first: START, LOOSE: free_name(Rule(steps))}
    fixed = {names.get(name, name): redirected(step, lambda to: names.get(to, to)) for name, step in steps.items()}
    return prune(Rule(fixed)) if first else Rule({})


def _taken_out(first: str, steps: Mapping[str, Step], name: str) -> tuple[str, dict[str, Step], Step]:
    """Return the first step and all others without this one, and it: whoever came to it comes to where it led."""
    step = steps[name]
    after = main_way(step)
    to = _instead(name, END if after == name else after)
    return to(first), {one: redirected(each, to) for one, each in steps.items() if one != name}, step
