"""The manager interface: one entry put or taken away, every other word is an honest "not known"."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

import pytest

from k5web.errors import SwitchSilent
from k5web.telephony.ami import Ami

pytestmark = pytest.mark.server

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
WELCOME = b"Response: Success\r\nMessage: Authentication accepted\r\n\r\n"
REFUSED = b"Response: Error\r\nMessage: Authentication failed\r\n\r\n"
DONE = b"Response: Success\r\nMessage: Updated database successfully\r\n\r\n"


@contextmanager
def manager(*answers: bytes | None, greeting: bytes = GREETING) -> Iterator[tuple[Ami, Sequence[bytes]]]:
    """A manager interface made of bytes: one answer to each action; None breaks off, an empty one is silence."""
    heard: list[bytes] = []
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            left = list(answers)
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, connection.makefile("rb") as lines:
                    connection.sendall(greeting)
                    while left and (action := _action(lines)):
                        heard.append(action)
                        answer = left.pop(0)
                        if answer is None:
                            break
                        connection.sendall(answer)
                        if not answer:
                            over.wait()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield Ami("127.0.0.1", listener.getsockname()[1], "k5", "s3cret-word", timeout_s=1.0), heard
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _action(lines: BinaryIO) -> bytes:
    """Return the next action, its empty line left out; nothing at the end of the connection."""
    found = b""
    while (line := lines.readline()).strip():
        found += line
    return found


def test_an_entry_is_put_after_a_log_in_without_events() -> None:
    with manager(WELCOME, DONE) as (ami, heard):
        ami.put("k5-ahead", "8841/in-78001234567", "yes|8841-9|599000|647|trunk-a|||1795866191")
    login, put = heard
    assert login == b"Action: Login\r\nUsername: k5\r\nSecret: s3cret-word\r\nEvents: off\r\n"
    assert put.startswith(b"Action: DBPut\r\nFamily: k5-ahead\r\nKey: 8841/in-78001234567\r\nVal: yes|8841-9|599000|")


def test_an_entry_taken_away_was_there_or_was_not() -> None:
    with manager(WELCOME, b"Response: Success\r\nMessage: Key deleted successfully\r\n\r\n") as (ami, _):
        assert ami.delete("k5-ahead", "8841/in-78001234567")
    undone = b"Response: Error\r\nMessage: Database entry could not be deleted\r\n\r\n"
    absent = b"Response: Error\r\nMessage: Database entry not found\r\n\r\n"
    with manager(WELCOME, undone, WELCOME, absent) as (ami, heard):
        assert not ami.delete("k5-ahead", "8841/in-78001234567")
    assert heard[3].startswith(b"Action: DBGet\r\nFamily: k5-ahead\r\nKey: 8841/in-78001234567\r\n")
    with manager(WELCOME, undone, WELCOME, DONE) as (ami, _), pytest.raises(SwitchSilent):  # it is there nevertheless
        ami.delete("k5-ahead", "8841/in-78001234567")


@pytest.mark.parametrize(
    ("answers", "greeting"),
    [
        ((REFUSED,), GREETING),
        ((WELCOME, b"Response: Error\r\nMessage: Permission denied\r\n\r\n"), GREETING),
        ((WELCOME, None), GREETING),
        ((WELCOME, b"Response: Succ"), GREETING),
        ((), b"HTTP/1.1 400 Bad Request\r\n"),
        ((None,), b""),
    ],
)
def test_any_other_word_and_none_is_not_known(answers: Sequence[bytes | None], greeting: bytes) -> None:
    with manager(*answers, greeting=greeting) as (ami, _), pytest.raises(SwitchSilent):
        ami.delete("k5-ahead", "8841/in-78001234567")
    with manager(*answers, greeting=greeting) as (ami, _), pytest.raises(SwitchSilent):
        ami.put("k5-ahead", "8841/in-78001234567", "yes")


def test_silence_is_waited_for_no_longer_than_said() -> None:
    with manager(WELCOME, b"") as (ami, _), pytest.raises(SwitchSilent, match="DBDel: TimeoutError"):
        ami.delete("k5-ahead", "8841/in-78001234567")


def test_where_nobody_listens_the_switch_is_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(SwitchSilent, match="ConnectionRefusedError"):
        Ami("127.0.0.1", port, "k5", "s3cret-word").put("k5-ahead", "8841/in-1", "yes")


def test_an_event_on_its_way_is_no_answer() -> None:
    with manager(WELCOME, b"Event: FullyBooted\r\nPrivilege: system,all\r\n\r\n" + DONE) as (ami, _):
        ami.put("k5-ahead", "8841/in-78001234567", "yes")


def test_no_value_begins_a_field_of_its_own() -> None:
    with manager(WELCOME, None) as (ami, heard), pytest.raises(ValueError, match="line end"):
        ami.put("k5-ahead", "8841/in-1", "yes\r\nAction: Command")
    assert len(heard) == 1


def test_the_secret_is_in_no_repr() -> None:
    assert "s3cret" not in repr(Ami("127.0.0.1", 5038, "k5", "s3cret-word"))
