"""A simulated call's records, computed: the kinds and causes of the real switch, exact durations."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from k5web.domain.calls.call import EventKind, Outcome, SwitchEvent
from k5web.domain.calls.endings import Heard
from k5web.domain.calls.outcome import legs_of, outcome_of
from k5web.telephony.cel import parse_record, read_records
from k5web.telephony.simulator.phones import SECOND
from k5web.telephony.simulator.script import Order, line, timeline

SAMPLE = Path(__file__).parents[1] / "samples" / "asterisk-22-cel-endings.json"
ORDER = Order(
    id="k5-7-1-a",
    placed_us=1_795_198_497_636_331,
    number=3,
    a_number="79160001200",
    trunk="trunk-a",
    extension="74950001200",
    account="7-1",
    caller_id="74950000000",
    ring_a_s=40,
    ring_b_s=45,
    talk_ms=179_000,
    leg_a_s=227,
)


def events(order: Order) -> list[SwitchEvent]:
    parsed = [parse_record(line(order, record)) for record in timeline(order)]
    return [event for event in parsed if isinstance(event, SwitchEvent)]


def dial(a: str, b: str) -> Order:
    return replace(ORDER, a_number=f"79160001{a}", extension=f"74950001{b}")


def seconds_of_b(order: Order) -> float:
    b = legs_of(events(order))[1]
    assert b.answered_at
    assert b.ended_at
    return (b.ended_at - b.answered_at).total_seconds()


def test_a_call_answered_on_both_sides_has_fifteen_records() -> None:
    assert [(record.kind, record.is_a) for record in timeline(dial("200", "211"))] == [
        ("CHAN_START", True),
        ("ANSWER", True),
        ("CHAN_START", False),
        ("ANSWER", False),
        ("BRIDGE_ENTER", False),
        ("BRIDGE_ENTER", True),
        ("BRIDGE_EXIT", False),
        ("BRIDGE_EXIT", True),
        ("K5_END", False),
        ("K5_END", True),
        ("HANGUP", False),
        ("CHAN_END", False),
        ("HANGUP", True),
        ("CHAN_END", True),
        ("LINKEDID_END", True),
    ]


CODES = ("486", "404", "484", "480", "403", "603", "488", "500", "503")
NEW_CODES = ("302", "408", "410", "607", "608", "703", "708", "780")
CUT = ORDER.placed_us + SECOND
PLAYED = {  # call id in the sample: the same call here
    "7-1001": dial("200", "211"),
    "7-1002": dial("212", "200"),
    "7-1003": replace(dial("200", "200"), talk_ms=1_500),
    "7-1004": replace(dial("200", "200"), leg_a_s=2),
    "7-1005": dial("211", "180"),
    "7-1006": replace(dial("200", "180"), leg_a_s=2),
    **{f"7-{1007 + n}": replace(dial("200", code), ring_b_s=2) for n, code in enumerate(("180", "100", "000"))},
    **{f"7-{1010 + n}": dial("200", code) for n, code in enumerate(CODES)},
    **{f"7-{1019 + n}": replace(dial(code, "200"), ring_a_s=2) for n, code in enumerate(("180", "100", "000"))},
    **{f"7-{1022 + n}": dial(code, "200") for n, code in enumerate(CODES)},
    "7-1031": replace(dial("200", "200"), talk_ms=0),
    "7-1033": replace(dial("200", "220"), talk_ms=1_500),
    "7-1034": replace(dial("220", "200"), talk_ms=1_500),
    "7-1035": replace(dial("200", "183"), talk_ms=1_500),
    "7-1036": replace(ORDER, extension="+74950001200"),
    "7-1037": replace(dial("200", "200"), cut_us=CUT),
    "7-1038": replace(dial("200", "180"), cut_us=CUT),
    "7-1039": replace(dial("180", "180"), cut_us=CUT),
    "7-1040": replace(dial("000", "180"), cut_us=CUT),
    "7-1041": replace(dial("100", "180"), cut_us=CUT),
    **{f"7-{1042 + n}": dial("200", code) for n, code in enumerate(NEW_CODES)},
    **{f"7-{1052 + n}": dial(code, "200") for n, code in enumerate(NEW_CODES)},
    "7-1062": replace(dial("221", "211"), press_1=True),
    "7-1063": replace(dial("222", "211"), press_1=True),
    "7-1064": replace(dial("200", "211"), press_1=True),
    "7-1065": replace(dial("212", "211"), press_1=True),
    "7-1066": replace(dial("200", "211"), press_1=True, cut_us=CUT),
}


def facts(found: Iterable[SwitchEvent]) -> set[tuple[object, ...]]:
    """Everything but the times, and but the leg that happened to go last."""
    return {
        (
            event.kind,
            event.is_a or event.kind is EventKind.LINKEDID_END,
            event.cause,
            event.source,
            event.dial_status,
            event.stage,
            event.sip,
            event.heard,
        )
        for event in found
    }


@pytest.mark.parametrize("call_id", PLAYED)
def test_the_real_switch_wrote_the_same_about_the_same_call(call_id: str) -> None:
    real = [event for event in read_records(SAMPLE, "").events if event.call_id == call_id]
    assert facts(events(PLAYED[call_id])) == facts(real)


def test_a_line_is_written_as_the_real_switch_writes_it() -> None:
    """Compared with samples/asterisk-22-cel-endings.json, field by field."""
    record = next(record for record in timeline(dial("200", "212")) if record.kind == "HANGUP" and record.is_a)
    assert line(dial("200", "212"), record) == (
        '{"eventtime":"1795198499.676831","eventtype":"HANGUP","linkedid":"k5-7-1-a","uniqueid":"k5-7-1-a",'
        '"accountcode":"7-1","channame":"PJSIP/trunk-a-00000006","num":"74950000000","exten":"74950001212",'
        '"context":"k5-callback","userdeftype":"","eventextra":"{\\"hangupcause\\":16,'
        '\\"hangupsource\\":\\"PJSIP/trunk-b-00000007\\",\\"dialstatus\\":\\"ANSWER\\"}"}'
    )


@pytest.mark.parametrize(
    ("code", "seconds"),
    [("211", 1), ("212", 2), ("215", 5), ("229", 2.9), ("230", 3), ("260", 60), ("261", 60.1), ("290", 90)],
)
def test_phones_for_trying_out_talk_exactly_as_long_as_their_number_says(code: str, seconds: float) -> None:
    assert seconds_of_b(dial("200", code)) == seconds
    assert outcome_of(events(dial("200", code))) is Outcome.DONE_B
    assert outcome_of(events(dial(code, "200"))) is Outcome.DONE_A


def test_a_person_rings_two_and_three_seconds_and_talks_until_the_limit() -> None:
    order = dial("567", "321")
    a, b = legs_of(events(order))
    assert a.answered_at
    assert b.answered_at
    assert (a.answered_at - a.started_at).total_seconds() == 2
    assert (b.answered_at - b.started_at).total_seconds() == 3
    assert seconds_of_b(order) == 179.005  # the real switch overruns by some milliseconds too
    assert outcome_of(events(order)) is Outcome.LIMIT


def test_the_absolute_limit_counts_from_the_answer_of_a() -> None:
    order = replace(dial("200", "200"), leg_a_s=4)
    a = legs_of(events(order))[0]
    assert a.answered_at
    assert a.ended_at
    assert (a.ended_at - a.answered_at).total_seconds() == 4.0003
    assert outcome_of(events(order)) is Outcome.LIMIT


@pytest.mark.parametrize("limit", ["ring_b_s", "talk_ms", "leg_a_s"])
def test_a_missing_limit_ends_the_call_before_b_is_dialled(limit: str) -> None:
    order = Order(**{name: getattr(ORDER, name) for name in ORDER.__slots__} | {limit: 0})
    assert outcome_of(events(order)) is Outcome.FAULT
    assert len(legs_of(events(order))) == 1
    assert next(event.stage for event in events(order) if event.stage) == "no_limits"


def test_a_plus_in_the_extension_drops_a_after_its_answer() -> None:
    assert outcome_of(events(replace(ORDER, extension="+74950001200"))) is Outcome.FAULT


@pytest.mark.parametrize(
    ("a", "b", "after_s", "outcome"),
    [
        ("180", "200", 1, Outcome.CANCELLED),  # A rings
        ("200", "180", 1, Outcome.CANCELLED),  # B rings
        ("200", "200", 1, Outcome.CANCELLED),  # talk
        ("200", "211", 9, Outcome.DONE_B),  # it was over
        ("180", "200", 40, Outcome.A_NO_ANSWER),  # this very moment
    ],
)
def test_a_cut_ends_what_has_not_ended(a: str, b: str, after_s: int, outcome: Outcome) -> None:
    order = replace(dial(a, b), cut_us=ORDER.placed_us + after_s * SECOND)
    assert outcome_of(events(order), cancel_requested=True) is outcome
    assert all(leg.ended_at and leg.cause is not None for leg in legs_of(events(order)))
    assert [event.kind for event in events(order)].count(EventKind.LINKEDID_END) == 1


def test_a_cut_between_the_answer_of_a_and_the_dialling_of_b() -> None:
    order = replace(ORDER, cut_us=ORDER.placed_us + 20_100)
    assert [record.kind for record in timeline(order)][-4:] == ["K5_END", "HANGUP", "CHAN_END", "LINKEDID_END"]
    assert outcome_of(events(order), cancel_requested=True) is Outcome.CANCELLED


def test_b_goes_by_the_next_trunk_after_a_failed_route_only() -> None:
    order = replace(dial("200", "530"), trunks_b="one,two")
    legs = legs_of(events(order))
    assert [(leg.trunk, leg.cause, leg.answered_at is not None) for leg in legs[1:]] == [
        ("one", 34, False),
        ("two", 16, True),
    ]
    assert outcome_of(events(order)) is Outcome.LIMIT
    for phone, tried in (("503", 3), ("403", 3), ("603", 1), ("404", 1), ("486", 1), ("480", 1), ("180", 1)):
        order = replace(dial("200", phone), trunks_b="one,two,three")
        assert len(legs_of(events(order))) == 1 + tried, phone


def test_a_failed_route_says_its_sip_code() -> None:
    ends = [event for event in events(dial("200", "503")) if event.kind is EventKind.K5_END]
    assert [(event.is_a, event.cause, event.sip, event.heard) for event in ends] == [
        (False, 34, 503, Heard.NOTHING),
        (True, 34, None, Heard.NOTHING),
    ]


def test_leg_a_is_reached_by_its_second_try_where_the_first_trunk_fails() -> None:
    first = dial("530", "211")
    assert outcome_of(events(first)) is Outcome.A_ROUTE_FAILED
    second = events(replace(first, id="k5-7-1-a2", trunk="two"))
    assert outcome_of(second) is Outcome.DONE_B
    assert {event.attempt for event in second} == {2}


def test_without_a_trunk_for_b_nobody_is_dialled() -> None:
    assert outcome_of(events(replace(dial("200", "200"), trunks_b=""))) is Outcome.FAULT
