"""What a call would do: the same as the table makes a call do."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k5web.domain.pbx.hours import span
from k5web.domain.pbx.rule import Forward, Hours, Menu, Ring, Rule, Say, Voicemail
from k5web.domain.pbx.rule_table import Switchboard, compile_rule
from k5web.domain.pbx.rule_templates import default_rule
from k5web.domain.pbx.rule_walk import Met, Reached, Stage, States, together, walk
from tests.domain.pbx.interpreter import Table, bare, call
from tests.domain.pbx.rules import LOGINS, any_rule, tame

MOSCOW = ZoneInfo("Europe/Moscow")
MONDAY = datetime(2026, 11, 30, tzinfo=MOSCOW)
REACHED = st.sampled_from([*Reached])
DIALLED = frozenset({"0", "201", "202"})


def states(by_login: Mapping[str, Reached], forward: Reached, keys: tuple[str, ...]) -> States:
    """Return whom a call reaches, given how it goes with each phone."""

    def person(extension: str) -> Reached:
        return together([by_login[login] for login in LOGINS[extension]])

    return States(person, forward, keys, DIALLED)


@given(
    rule=any_rule(),
    minute=st.integers(0, 7 * 1440 - 1),
    phones=st.tuples(REACHED, REACHED, REACHED),
    forward=REACHED,
    keys=st.lists(st.sampled_from(["", "1", "2", "7", "201", "202", "999"]), max_size=4).map(tuple),
)
def test_the_table_makes_a_call_do_what_walking_says(
    rule: Rule, minute: int, phones: tuple[Reached, ...], forward: Reached, keys: tuple[str, ...]
) -> None:
    by_login = dict(zip(LOGINS["0"], phones, strict=True))
    moment = MONDAY + timedelta(minutes=minute)
    tamed = tame(rule)
    compiled = compile_rule(tamed, 1, Switchboard(8841, LOGINS))
    entries = {**compiled.entries} | {f"ext/8841/{one}": "&".join(LOGINS[one]) for one in DIALLED}
    queues = {queue.name: queue.members for queue in compiled.queues}
    table = Table(entries, queues, by_login.__getitem__, forward, keys)
    met = [*call(table, 8841, compiled.version, moment)]
    assert bare(walk(tamed, moment, states(by_login, forward, keys))) == bare(met)


def always(reached: Reached) -> States:
    return States(lambda _extension: reached, reached)


@pytest.mark.parametrize(
    ("reached", "met"),
    [
        (Reached.ANSWER, [Met.RANG, Met.ENDED]),
        (Reached.NO_ANSWER, [Met.RANG, Met.FORWARDED, Met.RECORDED, Met.ENDED]),
        (Reached.BUSY, [Met.RANG, Met.FORWARDED, Met.RECORDED, Met.ENDED]),
        (Reached.UNREACHABLE, [Met.RANG, Met.FORWARDED, Met.RECORDED, Met.ENDED]),
    ],
)
def test_the_rule_by_default(reached: Reached, met: list[Met]) -> None:
    assert [one.met for one in walk(default_rule("79160000200"), MONDAY, always(reached))] == met


def test_busy_no_answer_and_unreachable_have_ways_of_their_own() -> None:
    rule = Rule(
        {
            "start": Ring(("201",), no_answer="s2", busy="s3", unreachable="s4"),
            "s2": Say("greeting"),
            "s3": Say("not-now"),
            "s4": Forward("79161234567"),
        }
    )
    went = {reached: walk(rule, MONDAY, always(reached))[1].step for reached in [*Reached][1:]}
    assert went == {Reached.NO_ANSWER: "s2", Reached.BUSY: "s3", Reached.UNREACHABLE: "s4"}


@pytest.mark.parametrize(("at", "met"), [("08:59:59", Met.CLOSED), ("09:00:00", Met.OPEN)])
def test_working_hours_begin_with_their_first_second(at: str, met: Met) -> None:
    rule = Rule({"start": Hours((span([0], "9:00", "18:00"),), "vm", ""), "vm": Voicemail()})
    moment = datetime.fromisoformat(f"2026-11-30T{at}").replace(tzinfo=MOSCOW)
    assert walk(rule, moment, always(Reached.BUSY))[0].met is met


def test_people_in_turn_are_rung_one_after_another() -> None:
    rule = Rule({"start": Ring(("201", "202", "203"), is_together=False)})
    answers = {"201": Reached.BUSY, "202": Reached.ANSWER}
    met = walk(rule, MONDAY, States(answers.__getitem__))
    assert [(one.fact, one.reached) for one in met[:2]] == [("201", Reached.BUSY), ("202", Reached.ANSWER)]
    assert met[2:] == [Stage(Met.ENDED)]


def test_a_caller_on_the_black_list_meets_nothing_else() -> None:
    black = States(lambda _one: Reached.ANSWER, is_black=True)
    assert walk(default_rule(None), MONDAY, black) == [Stage(Met.BLACK)]


def test_a_caller_who_presses_in_a_circle_is_led_out_of_it() -> None:
    rule = Rule({"start": Menu("greeting", {"9": "start"})})
    met = walk(rule, MONDAY, States(lambda _one: Reached.NO_ANSWER, keys=("9",) * 99))
    assert [one.met for one in met].count(Met.PRESSED) == 40
    assert met[-2:] == [Stage(Met.LOST, "start", "0", Reached.NO_ANSWER), Stage(Met.ENDED)]


def test_an_extension_may_be_dialled_in_a_menu() -> None:
    rule = Rule({"start": Menu("greeting", {"1": "vm"}, nothing="vm"), "vm": Voicemail()})
    dialling = States(lambda _one: Reached.ANSWER, keys=("5", "202"), extensions=frozenset({"202"}))
    assert walk(rule, MONDAY, dialling)[1:] == [Stage(Met.DIALLED, "start", "202", Reached.ANSWER), Stage(Met.ENDED)]
