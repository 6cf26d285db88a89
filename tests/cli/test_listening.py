"""Where K5 listens: on this machine alone, unless it is asked to (D7)."""

import shutil
from dataclasses import replace
from pathlib import Path

import click
import pytest
import requests

from k5web.cli.listening import LOOPBACK, asked_addresses, listen
from k5web.config.settings import Settings
from k5web.domain.prices.sms_parts import OTHER_JOINED
from tests.processes import Processes, running


@pytest.mark.parametrize(
    ("public_url", "host", "addresses"),
    [
        ("http://127.0.0.1:8000", None, ["127.0.0.1"]),
        ("http://localhost:8000", None, ["127.0.0.1"]),
        ("http://[::1]:8000", None, ["127.0.0.1"]),
        ("https://t.k5.example", None, ["127.0.0.1"]),  # nginx is in front
        ("http://t.k5.example", None, ["127.0.0.1"]),
        ("https://192.168.1.5", None, ["127.0.0.1"]),
        ("http://192.168.1.5:8000", None, ["0.0.0.0"]),  # a phone in the room is asked for
        ("http://127.0.0.1:8000", "192.168.1.5", ["127.0.0.1", "192.168.1.5"]),
        ("https://t.k5.example", "0.0.0.0", ["0.0.0.0"]),
        ("http://192.168.1.5:8000", "127.0.0.1", ["127.0.0.1"]),
    ],
)
def test_nobody_else_is_let_in_unasked(tmp_path: Path, public_url: str, host: str | None, addresses: list[str]) -> None:
    house = Settings.from_env({"K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)})
    assert asked_addresses(replace(house, public_url=public_url), host) == addresses


def test_a_port_that_is_taken_is_one_sentence_that_says_what_to_do() -> None:
    with listen(LOOPBACK, 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(click.ClickException, match=rf"port {port} of 127\.0\.0\.1 is not free .*--port"):
            listen(LOOPBACK, port)
    with listen(LOOPBACK, port) as again:  # a restart finds it free at once
        assert again.getsockname()[1] == port


def test_the_processes_of_the_web_are_given_the_socket_that_was_bound() -> None:
    with listen(LOOPBACK, 0) as listener:
        assert listener.get_inheritable()


@pytest.mark.server
@pytest.mark.parametrize("letter", ["Я", "字"])
def test_a_text_of_ten_parts_arrives_in_any_script(sqlite_template: Path, tmp_path: Path, letter: str) -> None:
    """The gateway asks by GET, and gunicorn's own limit ended such an address with 414, in English."""
    shutil.copyfile(sqlite_template, tmp_path / "k5.db")
    secret = "s" * 100  # the longest that a gateway is given
    with running(Processes(f"sqlite:///{tmp_path / 'k5.db'}", tmp_path, K5_SMS_SECRET=secret)) as processes:
        message = {"from": "79160000001", "to": "4443", "text": letter * 10 * OTHER_JOINED, "smsc": "fake", "id": "1"}
        answer = requests.get(f"{processes.start_web()}/hooks/sms/{secret}", message, timeout=60)
    assert (answer.status_code, answer.text[:16]) == (200, "K5: вы участник.")
