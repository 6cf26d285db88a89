"""What cannot be taken back is asked about; where nobody can be asked nothing is done."""

import click
import pytest
from click.testing import CliRunner

from k5web.cli.asking import YES, be_sure


@click.command()
@YES
def burn(is_sure: bool) -> None:
    be_sure(is_sure)
    click.echo("burnt")


def test_nothing_is_done_unasked() -> None:
    refused = CliRunner().invoke(burn)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "nothing was done: say --yes" in refused.stderr
    assert CliRunner().invoke(burn, ["--yes"]).stdout == "burnt\n"


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 1), ("", 1)])
def test_a_person_is_asked(typed: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: True, raising=False)
    done = CliRunner().invoke(burn, input=typed)
    assert (done.exit_code, "burnt" in done.stdout) == (code, code == 0)
