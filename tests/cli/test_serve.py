"""Where `k5 serve` and `k5 dev` listen: on this machine alone, unless they are asked to (D7)."""

from dataclasses import replace
from pathlib import Path

import pytest

from k5web.cli.serve import _addresses, serve
from k5web.settings import Settings


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
    assert _addresses(replace(house, public_url=public_url), host) == addresses


def test_the_pages_listen_on_this_machine_alone_unless_told_otherwise() -> None:
    assert next(option for option in serve.params if option.name == "host").default == "127.0.0.1"
