"""Rules to try things with, and any rule at all."""

from collections.abc import Sequence

from hypothesis import strategies as st

from k5web.domain.pbx.hours import Span
from k5web.domain.pbx.rule import (
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
    redirected,
)
from k5web.domain.pbx.rule_problems import Known

PEOPLE = ("201", "202", "203")
DIGEST = "0123456789abcdef0123456789abcdef"
KNOWN = Known({*PEOPLE}, {DIGEST})
LOGINS = {"0": ("u8841-1", "u8841-2", "w8841-00"), "201": ("u8841-1",), "202": ("u8841-2", "w8841-00"), "203": ()}


def one_of_each() -> Rule:
    """Return a rule with a step of each kind."""
    return Rule(
        {
            "start": Hours((Span((0, 1, 2, 3, 4), 540, 1080), Span((5,), 600, 840)), "s2", "s3"),
            "s2": Menu(DIGEST, {"1": "s4", "2": "s5", "0": ""}, 5, 3, "s6"),
            "s3": Say("not-now", "vm"),
            "s4": Ring(("201", "202"), 20, is_together=False, no_answer="s5", busy="s5", unreachable="s7"),
            "s5": Wait(("201", "203"), 300, "vm"),
            "s6": Ring(("0",), 25, no_answer="s7", busy="s8", unreachable="vm"),
            "s7": Forward("79161234567", 25, "vm", "s8", "vm"),
            "s8": Hang(is_busy=True),
            "vm": Voicemail(120),
        }
    )


def any_rule() -> st.SearchStrategy[Rule]:
    """Return rules whose ways lead anywhere, also in a circle or nowhere."""
    names = ["start", *(f"s{at}" for at in range(2, 6))]
    return st.dictionaries(st.sampled_from(names[1:]), any_step(names)).flatmap(
        lambda rest: any_step(names).map(lambda first: Rule({"start": first, **rest}))
    )


def any_step(names: Sequence[str]) -> st.SearchStrategy[Step]:
    """Return steps whose ways lead to these names, or to the end."""
    way, ten = st.sampled_from([*names, "", ""]), st.just(10)
    prompt = st.sampled_from([*PROMPTS, DIGEST])
    people = st.lists(st.sampled_from(["0", *PEOPLE]), min_size=1, max_size=3, unique=True).map(tuple)
    spans = st.lists(spans_of_hours(), min_size=1, max_size=3).map(tuple)
    number = st.sampled_from(["79161234567", "996555000000"])
    return st.one_of(
        st.builds(Ring, people, ten, st.booleans(), way, way, way),
        st.builds(Forward, number, ten, way, way, way),
        st.builds(Menu, prompt, st.dictionaries(st.sampled_from(KEYS), way, max_size=3), ten, st.integers(1, 3), way),
        st.builds(Hours, spans, way, way),
        st.builds(Say, prompt, way),
        st.builds(Wait, people, ten, way),
        st.builds(Voicemail, ten),
        st.builds(Hang, st.booleans()),
    )


def spans_of_hours() -> st.SearchStrategy[Span]:
    """Return working hours, those over midnight too."""
    days = st.sets(st.integers(0, 6), min_size=1).map(lambda found: tuple(sorted(found)))
    clocks = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda pair: pair[0] != pair[1])
    return st.builds(lambda chosen, clock: Span(chosen, *clock), days, clocks)


def tame(rule: Rule) -> Rule:
    """Return the rule with every way that leads nowhere leading to the end."""
    return Rule(
        {name: redirected(step, lambda to: to if to in rule.steps else "") for name, step in rule.steps.items()}
    )
