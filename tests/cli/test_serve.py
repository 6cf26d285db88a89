"""Where `k5 serve` and `k5 dev` listen: on this machine alone, unless they are asked to (D7)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from k5web.cli.serve import serve
from tests.processes import PATIENCE_S, ROOT, free_port

RANDOM = "v1XhQ0m3JtZ8bN5cR7wK2yL4pD6fG9sA"


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
    given["K5_DATABASE_URL"] = f"sqlite:///{tmp_path}/k5.db"
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
