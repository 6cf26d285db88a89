"""`k5 billing run`: what was taken is told; fees are never taken ahead."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from k5web.cli import main

K5 = Callable[..., Result]


@pytest.fixture
def k5(sqlite_url: str, tmp_path: Path) -> K5:
    """Run a command of `k5` in an empty house."""

    def run(*words: str) -> Result:
        environ = {"K5_DATABASE_URL": sqlite_url, "K5_SECRET_KEY": "k" * 48, "K5_VAR": str(tmp_path / "var")}
        return CliRunner().invoke(main, words, env=environ)

    return run


def test_a_run_tells_what_it_did(k5: K5) -> None:
    done = k5("billing", "run")
    assert done.exit_code == 0, done.output
    assert done.stdout == "0 fees taken, 0 periods without money, 0 resumed, 0 ended\n"


@pytest.mark.parametrize(
    ("day", "words"), [("2099-01-01", "fees are never taken ahead"), ("soon", "is not a day like")]
)
def test_a_day_that_cannot_be_is_named(k5: K5, day: str, words: str) -> None:
    done = k5("billing", "run", "--until", day)
    assert done.exit_code == 2
    assert words in " ".join(done.output.split())
