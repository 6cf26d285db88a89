"""`k5 call stops`: entries made, listed and lifted from the command line."""

from click.testing import CliRunner

from k5web.cli import main
from tests.services.house import House


def test_an_entry_is_made_listed_and_lifted(house: House, line: CliRunner) -> None:
    made = line.invoke(main, ["call", "stops", "add", "to", "+881", "--reason", "satellites"])
    assert made.exit_code == 0, made.output
    assert "to          881" in made.output
    assert "by staff:a.ivanova: satellites" in made.output
    assert line.invoke(main, ["call", "stops", "list"]).output == made.output
    n = made.output.split()[0]
    lifted = line.invoke(main, ["call", "stops", "lift", n, "--reason", "asked for"])
    assert lifted.output == f"{n} to 881: lifted\n"
    assert line.invoke(main, ["call", "stops", "list"]).output == "nothing is stopped\n"
    assert (
        "lifted 2026-12-01 12:00:00 by staff:a.ivanova: asked for"
        in line.invoke(main, ["call", "stops", "list", "--all"]).output
    )


def test_an_end_and_a_wrong_text_are_told(house: House, line: CliRunner) -> None:
    added = line.invoke(main, ["call", "stops", "add", "from", "79161", "--until", "2030-01-02T10:30", "--reason", "r"])
    assert "until 2030-01-02 1" in added.output
    wrong = line.invoke(main, ["call", "stops", "add", "to", "8", "--reason", "r"])
    assert wrong.exit_code == 1
    assert "'8' is neither a number, nor a prefix of 2 to 15 digits" in wrong.output
    twice = line.invoke(main, ["call", "stops", "add", "from", "79161", "--reason", "r"])
    assert "is there already" in twice.output
