"""Where `k5 serve` and `k5 dev` listen: on this machine alone, unless they are asked to (D7)."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from k5web.cli.listening import asked_addresses
from k5web.cli.serve import serve
from k5web.config.settings import Settings
from tests.processes import PATIENCE_S, ROOT, free_port

RANDOM = "v1XhQ0m3JtZ8bN5cR7wK2yL4pD6fG9sA"


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


TABLE = '[[qiwi]]\ncode = "optima"\nprotocol = "osmp"\nallowed = ["79.142.16.0/20"'


@pytest.mark.parametrize("command", ["serve", "dev"])
@pytest.mark.parametrize(
    ("table", "said"),
    [
        (f'{TABLE}, "127.0.0.0/8"]\n', "4: allowed: 127.0.0.0/8 reaches into 127.0.0.0/8"),
        (f"{TABLE}]\n", "1: secrets: there is none"),
        (f'{TABLE}]\nauthentication = "md5"\nsecrets = ["x"]\n', "6: secrets: a secret is shorter than 8"),
    ],
)
def test_a_house_that_a_stranger_could_pay_himself_in_is_not_started(
    tmp_path: Path, command: str, table: str, said: str
) -> None:
    """One sentence with file, line and cure; no trace of each process."""
    (tmp_path / "partners.toml").write_text(table)
    given = {"K5_VAR": str(tmp_path), "K5_CONNECTORS": str(tmp_path / "partners.toml"), "K5_SECRET_KEY": RANDOM}
    done = subprocess.run(
        [sys.executable, "-m", "k5web", command, "--port", str(free_port())],
        env={"PATH": os.environ["PATH"], "K5_PUBLIC_URL": "https://t.k5.example"} | given,
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"partners.toml:{said}" in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr


def test_the_pages_listen_on_this_machine_alone_unless_told_otherwise() -> None:
    assert next(option for option in serve.params if option.name == "host").default == "127.0.0.1"
