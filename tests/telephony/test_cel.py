"""The record file: exact times, whole lines only, rotation, damage. `samples/` was written by Asterisk 22.

Long because each way in which one file may be written, cut or replaced is read by one reader, from its lines here.
"""

import json
import os
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from k5web.domain.calls.call import EventKind, Outcome, Records, SwitchEvent
from k5web.domain.calls.endings import Heard
from k5web.domain.calls.missed_calls import MissedCall
from k5web.domain.calls.outcome import legs_of, outcome_of
from k5web.domain.calls.pbx_record import PbxRecord
from k5web.telephony import cel
from k5web.telephony.cel import parse_record, read_records

SAMPLE = Path(__file__).parent / "samples" / "asterisk-22-cel.json"

REAL = {  # call id in the sample: what was played, and its outcome in the table of the switch
    "1-1": Outcome.DONE_B,
    "7-1001": Outcome.DONE_B,
    "7-1002": Outcome.DONE_A,
    "7-1003": Outcome.LIMIT,  # L
    "7-1004": Outcome.LIMIT,  # absolute, in the talk
    "7-1005": Outcome.A_GAVE_UP,
    "7-1006": Outcome.LIMIT,  # absolute, while B rang
    "7-1007": Outcome.B_NO_ANSWER,  # 180
    "7-1008": Outcome.B_NO_ANSWER,  # 100
    "7-1009": Outcome.B_NO_ANSWER,  # silence
    "7-1010": Outcome.B_BUSY,
    "7-1011": Outcome.B_WRONG_NUMBER,  # 404
    "7-1012": Outcome.B_WRONG_NUMBER,  # 484
    "7-1013": Outcome.B_NO_ANSWER,  # 480
    "7-1014": Outcome.B_REFUSED,  # 403
    "7-1015": Outcome.B_REFUSED,  # 603
    "7-1016": Outcome.B_ROUTE_FAILED,  # 488
    "7-1017": Outcome.B_ROUTE_FAILED,  # 500
    "7-1018": Outcome.B_ROUTE_FAILED,  # 503
    "7-1019": Outcome.A_NO_ANSWER,  # 180
    "7-1020": Outcome.A_NO_ANSWER,  # 100
    "7-1021": Outcome.A_NO_ANSWER,  # silence
    "7-1022": Outcome.A_BUSY,
    "7-1023": Outcome.A_WRONG_NUMBER,  # 404
    "7-1024": Outcome.A_WRONG_NUMBER,  # 484
    "7-1025": Outcome.A_NO_ANSWER,  # 480
    "7-1026": Outcome.A_REFUSED,  # 403
    "7-1027": Outcome.A_REFUSED,  # 603
    "7-1028": Outcome.A_ROUTE_FAILED,  # 488
    "7-1029": Outcome.A_ROUTE_FAILED,  # 500
    "7-1030": Outcome.A_ROUTE_FAILED,  # 503
    "7-1031": Outcome.FAULT,  # no limits
    "7-1032": Outcome.FAULT,  # limit 0
    "7-1033": Outcome.LIMIT,  # B vanished
    "7-1034": Outcome.LIMIT,  # A vanished
    "7-1035": Outcome.LIMIT,  # early media, then L
    "7-1036": Outcome.FAULT,  # a plus in the extension
    "7-1037": Outcome.CANCELLED,  # in the talk: only the flag tells
    "7-1038": Outcome.CANCELLED,  # B rang
    "7-1039": Outcome.CANCELLED,  # A rang
    "7-1040": Outcome.CANCELLED,  # A silent
    "7-1041": Outcome.CANCELLED,  # A trying
    "9-5": Outcome.A_BUSY,
    "9-10": Outcome.A_ROUTE_FAILED,  # the switch was told to stop: A rang
    "9-11": Outcome.B_ROUTE_FAILED,  # B rang
    "9-12": Outcome.LIMIT,  # they talked
}


def line(eventtype: str = "ANSWER", call: str = "7-1", at: str = "1795192016.123456", **changes: Any) -> str:
    record = {
        "eventtime": at,
        "eventtype": eventtype,
        "linkedid": f"k5-{call}-a",
        "uniqueid": f"k5-{call}-a",
        "accountcode": call,
        "channame": "PJSIP/trunk-a-00000000",
        "num": "",
        "exten": "",
        "context": "",
        "userdeftype": "",
        "eventextra": "",
    }
    return json.dumps(record | changes, separators=(",", ":"))


def hangup(source: str, **changes: Any) -> str:
    extra = json.dumps({"hangupcause": 16, "hangupsource": source, "dialstatus": "ANSWER"})
    return line("HANGUP", eventextra=extra, **changes)


def write(path: Path, *lines: str, end: str = "\n") -> None:
    with path.open("a") as file:
        file.write("\n".join(lines) + end)


def times(records: Records) -> list[int]:
    return [int(event.at.timestamp()) - 1_795_192_000 for event in records.events]


def nth(n: int) -> str:
    """A record of second n."""
    return line(at=f"{1_795_192_000 + n}.000000")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cel.json"


class TestWhatASwitchReallyWrites:
    def test_every_row_of_the_table_has_its_outcome(self) -> None:
        records = read_records(SAMPLE, "")
        assert not records.damaged
        calls: dict[str, list[SwitchEvent]] = defaultdict(list)
        for event in records.events:
            calls[event.call_id].append(event)
        assert {call_id: outcome_of(events, call_id == "7-1037") for call_id, events in calls.items()} == REAL

    def test_a_leg_lasts_from_answer_to_hang_up_to_the_microsecond(self) -> None:
        events = [event for event in read_records(SAMPLE, "").events if event.call_id == "1-1"]
        a, b = legs_of(events)
        assert a.answered_at == datetime(2026, 11, 20, 18, 14, 57, 657201, tzinfo=UTC)
        assert b.answered_at == datetime(2026, 11, 20, 18, 14, 57, 678228, tzinfo=UTC)
        assert b.ended_at is not None
        assert b.ended_at - b.answered_at == timedelta(seconds=2, microseconds=5890)


class TestOneLine:
    def test_time_is_exact(self) -> None:
        for micros in ("000001", "123457", "999999", "000000"):
            event = parse_record(line(at=f"4102444799.{micros}"))
            assert event is not None
            assert event.at == datetime(2099, 12, 31, 23, 59, 59, int(micros), tzinfo=UTC)

    def test_the_channel_that_hung_up_becomes_a_leg(self) -> None:
        b = {"uniqueid": "k5-1.2", "channame": "PJSIP/trunk-b-00000001"}

        def source(text: str) -> str:
            event = parse_record(text)
            assert isinstance(event, SwitchEvent)
            return event.source

        assert source(hangup("PJSIP/trunk-a-00000000")) == "a"
        assert source(hangup("PJSIP/trunk-b-00000001")) == "b"
        assert source(hangup("PJSIP/trunk-b-00000001", **b)) == "b"
        assert source(hangup("PJSIP/trunk-a-00000000", **b)) == "a"
        assert source(hangup("dialplan/builtin")) == "dialplan"
        assert source(hangup("")) == ""

    def test_a_missed_call_tells_who_rang_which_number(self) -> None:
        for caller, access in (("79161234567", "74951110001"), ("+79161234567", "+74951110001")):
            channel = {
                "linkedid": "k5-1.2",
                "uniqueid": "k5-1.2",
                "eventextra": json.dumps({"extra": f"{caller}|{access}"}),
            }
            found = parse_record(line("K5_MISSED", at="0.000001", **channel))
            at = datetime(1970, 1, 1, microsecond=1, tzinfo=UTC)
            assert found == MissedCall("k5-1.2", caller, "74951110001", at)
        hidden = parse_record(line("K5_MISSED", eventextra='{"extra":"|74951110001"}'))
        assert isinstance(hidden, MissedCall)
        assert hidden.caller == ""

    @pytest.mark.parametrize("extra", ["", "1", "a|1", "1|", "1|2|3", "1|x", f"{'1' * 41}|1"])
    def test_a_missed_call_without_its_numbers_is_damaged(self, extra: str) -> None:
        with pytest.raises(ValueError, match="K5_MISSED"):
            parse_record(line("K5_MISSED", eventextra=json.dumps({"extra": extra})))

    def test_a_later_try_of_leg_a_belongs_to_the_same_call(self) -> None:
        second = parse_record(line(linkedid="k5-7-1-a2", uniqueid="k5-7-1-a2", channame="PJSIP/carrier-x-0000002a"))
        assert isinstance(second, SwitchEvent)
        assert (second.call_id, second.attempt, second.is_a, second.trunk) == ("7-1", 2, True, "carrier-x")
        b = parse_record(line(linkedid="k5-7-1-a2", uniqueid="k5-1795192016.7", channame="Local/x@y;1"))
        assert isinstance(b, SwitchEvent)
        assert (b.attempt, b.is_a, b.trunk) == (2, False, "")
        assert parse_record(line(linkedid="k5-7-1-a10", uniqueid="k5-7-1-a10")) is None

    @pytest.mark.parametrize(("extra", "sip"), [("dialing_b|CHANUNAVAIL|21|603", 603), ("dialing_b|CANCEL|0|", None)])
    def test_the_summary_says_the_sip_code_where_there_is_one(self, extra: str, sip: int | None) -> None:
        event = parse_record(line("K5_END", eventextra=json.dumps({"extra": extra})))
        assert isinstance(event, SwitchEvent)
        assert event.sip == sip

    def test_the_summary_of_the_dialplan_is_split(self) -> None:
        event = parse_record(line("K5_END", eventextra='{"extra":"dialing_b|CHANUNAVAIL|28"}'))
        assert isinstance(event, SwitchEvent)
        assert (event.kind, event.stage, event.dial_status, event.cause) == (
            EventKind.K5_END,
            "dialing_b",
            "CHANUNAVAIL",
            28,
        )
        event = parse_record(line("K5_END", eventextra='{"extra":"no_limits||21"}'))
        assert isinstance(event, SwitchEvent)
        assert (event.stage, event.dial_status, event.cause) == ("no_limits", "", 21)

    @pytest.mark.parametrize(
        "text",
        [
            line("BRIDGE_ENTER"),
            line("CHAN_END"),
            line(linkedid="1795192016.7"),
            line(linkedid="k5-7-1-a-b"),
            line(linkedid="k5-07-1-a"),
        ],
    )
    def test_what_is_not_ours_is_passed_over(self, text: str) -> None:
        assert parse_record(text) is None

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "nonsense",
            '{"eventtime":',
            line(at="1795192016"),
            line(at="1795192016.12345"),
            line(at="١٧٩٥١٩٢٠١٦.123456"),
            line(uniqueid=7),
            line("HANGUP"),
            line("HANGUP", eventextra="{}"),
            line("HANGUP", eventextra='{"hangupcause":"16","hangupsource":"","dialstatus":""}'),
            line("HANGUP", eventextra='{"hangupcause":true,"hangupsource":"","dialstatus":""}'),
            line("K5_END"),
            line("K5_END", eventextra='{"extra":"a|b"}'),
        ],
    )
    def test_what_is_damaged_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            parse_record(text)


class TestReadingOn:
    def test_each_record_is_read_once(self, path: Path) -> None:
        write(path, nth(1), nth(2))
        first = read_records(path, "")
        write(path, nth(3))
        second = read_records(path, first.position)
        assert (times(first), times(second)) == ([1, 2], [3])
        third = read_records(path, second.position)
        assert (list(third.events), third.position) == ([], second.position)

    def test_a_batch_is_bounded(self, path: Path) -> None:
        write(path, *[nth(n) for n in range(7)])
        position, seen = "", []
        while True:
            records = read_records(path, position, limit=3)
            if not records.events:
                break
            assert len(records.events) <= 3
            seen += times(records)
            position = records.position
        assert seen == list(range(7))

    def test_records_of_others_move_the_position_too(self, path: Path) -> None:
        write(path, line("CHAN_END"), line("CHAN_END"), nth(1))
        first = read_records(path, "", limit=2)
        assert (list(first.events), first.damaged) == ([], [])
        assert times(read_records(path, first.position)) == [1]

    def test_a_full_batch_says_that_more_may_follow(self, path: Path) -> None:
        write(path, line("CHAN_END"), nth(1), nth(2))
        first = read_records(path, "", limit=2)
        second = read_records(path, first.position, limit=2)
        assert (first.has_more, second.has_more) == (True, False)
        path.rename(path.with_name("cel.json.1"))
        write(path, nth(3))
        renamed = read_records(path, first.position, limit=2)
        assert (times(renamed), renamed.has_more) == ([2], True)
        assert not read_records(path, renamed.position).has_more

    def test_a_line_still_being_written_is_left_for_later(self, path: Path) -> None:
        whole = nth(2)
        write(path, nth(1), whole[:20], end="")
        first = read_records(path, "")
        assert (times(first), first.damaged) == ([1], [])
        again = read_records(path, first.position)
        assert (list(again.events), again.damaged, again.position) == ([], [], first.position)
        write(path, whole[20:])
        assert times(read_records(path, first.position)) == [2]

    def test_a_missing_file_is_an_empty_batch(self, path: Path) -> None:
        assert read_records(path, "") == Records([], [], "", is_elsewhere=True)
        assert read_records(path.parent / "no" / "cel.json", "5:7") == Records([], [], "5:7", is_elsewhere=True)


class TestRotation:
    def test_the_renamed_file_is_finished_before_the_new_one(self, path: Path) -> None:
        write(path, nth(1), nth(2))
        first = read_records(path, "", limit=1)
        path.rename(path.with_name("cel.json.1"))
        assert times(read_records(path, first.position)) == [2]  # the new file is not there yet
        write(path, nth(3))
        second = read_records(path, first.position)
        third = read_records(path, second.position)
        assert (times(second), times(third)) == ([2], [3])

    def test_no_file_between_is_skipped(self, path: Path) -> None:
        position = ""
        for n, old in enumerate(("cel.json-20261120", "cel.json-20261121", "cel.json-20261122")):
            write(path, nth(n))
            os.utime(path, ns=(n * 10**9, n * 10**9))
            position = position or read_records(path, "").position
            path.rename(path.with_name(old))
        write(path.with_name("cel.json-20261119.gz"), "packed")
        write(path, nth(3))
        seen = []
        for _ in range(3):
            records = read_records(path, position)
            seen += times(records)
            position = records.position
        assert seen == [1, 2, 3]

    def test_a_finished_file_that_ends_inside_a_record_is_reported(self, path: Path) -> None:
        write(path, nth(1), nth(2)[:30], end="")
        first = read_records(path, "")
        path.rename(path.with_name("cel.json.1"))
        write(path, nth(3))
        second = read_records(path, first.position)
        assert times(second) == [3]
        assert [(record.position, record.text) for record in second.damaged] == [(first.position, nth(2)[:30])]

    def test_a_file_cut_short_is_read_from_its_start(self, path: Path) -> None:
        write(path, nth(1), nth(2))
        first = read_records(path, "")
        os.truncate(path, 0)
        write(path, nth(3))
        assert times(read_records(path, first.position)) == [3]

    def test_a_place_is_known_to_be_in_these_files_or_elsewhere(self, path: Path) -> None:
        path.write_text("nothing of ours\n{}\n")
        here = read_records(path, "").position
        assert not read_records(path, here).is_elsewhere
        assert read_records(path, "1:2").is_elsewhere
        assert read_records(path, f"{path.stat().st_ino}:3").is_elsewhere, "of the same inode on another machine"

    def test_a_file_that_is_gone_is_reported_and_the_others_are_read(self, path: Path) -> None:
        write(path, nth(1))
        write(path.with_name("cel.json.1"), nth(0))
        os.utime(path.with_name("cel.json.1"), ns=(1, 1))
        records = read_records(path, "1:5")
        assert times(records) == [0]
        assert [(record.position, "gone" in record.reason) for record in records.damaged] == [("1:5", True)]
        assert times(read_records(path, records.position)) == [1]


class TestDamage:
    def test_a_damaged_line_is_set_aside_with_its_place(self, path: Path) -> None:
        write(path, nth(1), "rubb\0ish", nth(2))
        records = read_records(path, "")
        assert times(records) == [1, 2]
        (damaged,) = records.damaged
        assert damaged.position == f"{path.stat().st_ino}:{len(nth(1)) + 1}"
        assert damaged.text == "rubb\\0ish"

    def test_a_record_glued_to_half_a_record_is_saved(self, path: Path) -> None:
        write(path, nth(1)[:40] + nth(2), nth(3))
        records = read_records(path, "")
        assert times(records) == [2, 3]
        assert len(records.damaged) == 1

    def test_broken_utf8_harms_one_line_at_most(self, path: Path) -> None:
        path.write_bytes(b"\xff\xfe\n" + nth(1).encode() + b"\n")
        records = read_records(path, "")
        assert (times(records), len(records.damaged)) == ([1], 1)

    def test_rubbish_without_a_line_end_does_not_stop_the_reading(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cel, "BYTES_AT_ONCE", 1000)
        write(path, nth(1), "x" * 2500, end="")
        first = read_records(path, "")
        stuck = read_records(path, first.position)
        assert (times(first), stuck.damaged, stuck.position) == ([1], [], first.position)
        write(path, "x" * 1700, nth(2))
        over = read_records(path, first.position)
        assert [record.text for record in over.damaged] == ["x" * cel.KEPT]
        assert times(read_records(path, over.position)) == [2]

    def test_an_unknown_position_is_a_fault(self, path: Path) -> None:
        write(path, nth(1))
        with pytest.raises(ValueError, match="no position"):
            read_records(path, "seven")


OF_PBX = {"linkedid": "k5-1795866191.77", "uniqueid": "k5-1795866191.78", "channame": "PJSIP/trunk-a-0000004e"}


def told(kind: str, extra: str = "", **changes: str) -> PbxRecord:
    """The record that a line of a PBX becomes."""
    said = json.dumps({"extra": extra}) if extra else ""
    found = parse_record(line(kind, eventextra=said, **{**OF_PBX, **changes}))
    assert isinstance(found, PbxRecord)
    return found


class TestPbx:
    def test_a_leg_is_known_by_its_own_id_and_the_call_that_pays(self) -> None:
        found = told("ANSWER", accountcode="8841-117")
        assert (found.leg_uuid, found.linked_id) == ("k5-1795866191.78", "k5-1795866191.77")
        assert (found.call_id, found.owner_id, found.endpoint) == ("8841-117", 8841, "trunk-a")
        assert told("CHAN_START", accountcode="").owner_id is None
        assert told("CHAN_START", accountcode="an operator's own").account == ""

    def test_who_ended_a_leg_is_itself_or_another(self) -> None:
        own = parse_record(hangup("PJSIP/trunk-a-0000004e", **OF_PBX))
        other = parse_record(hangup("PJSIP/u8841-1-0000004d", **OF_PBX))
        assert isinstance(own, PbxRecord)
        assert isinstance(other, PbxRecord)
        assert (own.source, other.source, own.cause) == ("b", "a", 16)

    def test_the_end_of_a_carriers_leg_says_its_code_and_what_was_heard(self) -> None:
        found = told("K5_END", "||19|480|ringing", accountcode="8841-117")
        assert (found.call_id, found.sip, found.heard) == ("8841-117", 480, Heard.RINGING)
        answered = told("K5_END", "||16||", accountcode="8841-117")
        assert (answered.sip, answered.heard) == (None, Heard.NOTHING)
        with pytest.raises(ValueError, match="K5_END"):
            told("K5_END", "no summary")

    @pytest.mark.parametrize(
        ("kind", "extra", "facts"),
        [
            ("K5_IN", "8841|8841r3|74951110002|+79161234567", ("8841", "8841r3", "74951110002", "+79161234567")),
            ("K5_IN", "0|shared|74952121562|", ("0", "shared", "74952121562", "")),
            ("K5_HOLD", "8841|1|forward|79160000200|8841-7|", ("8841", "1", "forward", "79160000200", "8841-7", "")),
            ("K5_HOLD", "8841|2|in|78001110002||silent", ("8841", "2", "in", "78001110002", "", "silent")),
            ("K5_XFER", "8841|79160000200|PJSIP/u8841-1-00000001", ("8841", "79160000200", "PJSIP/u8841-1-00000001")),
            ("K5_REC", "8841|rec-8841-k5-1.7.alaw", ("8841", "rec-8841-k5-1.7.alaw")),
            ("K5_VOICEMAIL", "8841|8841|vm-8841-k5-1.7.wav|HANGUP", ("8841", "8841", "vm-8841-k5-1.7.wav", "HANGUP")),
            ("K5_FAULT", "rule|8841r3|gone|41", ("rule", "8841r3", "gone", "41")),
            ("K5_DONE", "8841|start|NOANSWER|19|480|funds|TIMEOUT", (
                "8841", "start", "NOANSWER", "19", "480", "funds", "TIMEOUT")),
            ("K5_DONE", "8841||||||", ("8841", "", "", "", "", "", "")),
        ],
    )  # fmt: skip
    def test_what_the_dialplan_says_is_read_word_by_word(self, kind: str, extra: str, facts: tuple[str, ...]) -> None:
        assert told(kind, extra).facts == facts

    @pytest.mark.parametrize(
        ("kind", "extra"),
        [("K5_IN", "8841|v"), ("K5_HOLD", "8841|1|gift|7|8841-1|"), ("K5_HOLD", "8841|1|out|7|8841|"),
         ("K5_REC", "x|y"), ("K5_REC", "8841|../../etc/passwd"), ("K5_DONE", "8841"), ("K5_FAULT", "a|b|c|d")],
    )  # fmt: skip
    def test_what_it_never_says_is_a_damaged_record(self, kind: str, extra: str) -> None:
        with pytest.raises(ValueError, match=kind):
            told(kind, extra)

    def test_ways_within_the_switch_are_no_legs(self) -> None:
        assert parse_record(line("ANSWER", **{**OF_PBX, "channame": "Local/u8841-1@k5-agent-00000001;1"})) is None

    def test_a_recorded_callback_names_its_file_too(self) -> None:
        """B7."""
        extra = json.dumps({"extra": "7|rec-7-k5-1.2.alaw"})
        found = parse_record(line("K5_REC", eventextra=extra))
        assert isinstance(found, PbxRecord)
        assert (found.linked_id, found.owner_id) == ("k5-7-1-a", 7)

    def test_a_file_of_both_is_read_into_both(self, tmp_path: Path) -> None:
        path = tmp_path / "cel.json"
        write(path, line(), line("ANSWER", **OF_PBX, accountcode="8841-117"))
        records = read_records(path, "")
        assert (len(records.events), len(records.pbx)) == (1, 1)
