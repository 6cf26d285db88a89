"""The simulated SMS centre."""

from datetime import timedelta
from pathlib import Path

from k5web.domain.messaging.message import Sms
from k5web.domain.prices.number import Msisdn
from k5web.messaging.simulator import SimulatedMessenger, shown
from tests.conftest import Clock

ANNA, BORIS = Msisdn("79161234567"), Msisdn("79160000000")


def test_a_phone_shows_its_own_messages_the_newest_first(tmp_path: Path, clock: Clock) -> None:
    centre = SimulatedMessenger(tmp_path / "sms", clock)
    assert shown(tmp_path / "sms", ANNA.digits) == []
    assert centre.send(Sms("1", ANNA, "Раз\nдва")) == "accepted"
    centre.send(Sms("2", BORIS, "другому"))
    clock.forward(seconds=1)
    centre.send(Sms("3", ANNA, "я" * 71))
    found = shown(tmp_path / "sms", ANNA.digits)
    assert [(each.text, each.parts) for each in found] == [("я" * 71, 2), ("Раз\nдва", 1)]
    assert found[0].at - found[1].at == timedelta(seconds=1)


def test_where_nothing_can_be_written_nothing_was_sent(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "sms").write_text("a file in place of the folder")
    assert SimulatedMessenger(tmp_path / "sms", clock).send(Sms("1", ANNA, "a")) == "not_sent"


def test_lines_of_an_older_file_are_read(tmp_path: Path) -> None:
    (tmp_path / "sent.jsonl").write_text('{"phone": "79161234567", "at": "2026-11-28T09:00:00+00:00", "text": "a"}\n')
    assert [(each.text, each.ref) for each in shown(tmp_path, ANNA.digits)] == [("a", "")]
