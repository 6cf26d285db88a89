"""What commands print cannot steer the operator's terminal. Trials: S28, issue of the field C4."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from k5web.cli import Group, main
from k5web.cli.terminal import day_of, echo, echo_json
from k5web.errors import NotFound

ROOM = Path(__file__).parents[2] / "k5web" / "cli"
HOSTILE = "\x1b[31mred\x1b[0m \u202eevil\x9b2J"


@pytest.mark.parametrize("path", sorted(ROOM.rglob("*.py")), ids=lambda path: path.name)
def test_every_command_writes_through_the_one_place(path: Path) -> None:
    """Only the bar of progress, which turns back to the line's start, is its own; it holds no foreign text."""
    raw = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in {"echo", "secho"} and ast.unparse(node.value) == "click")
        or (isinstance(node, ast.Call) and ast.unparse(node.func) in {"print", "sys.stdout.write", "sys.stderr.write"})
    ]
    assert not raw or path.name in {"terminal.py", "progress.py"}, f"{path.name}: lines {raw}"


def test_a_line_is_one_line_and_steers_nothing() -> None:
    @click.command()
    def show() -> None:
        echo(f"{HOSTILE}\ncredited: 5")

    shown = CliRunner().invoke(show).stdout
    assert shown == "\\u001b[31mred\\u001b[0m \\u202eevil\\u009b2J\\u000acredited: 5\n"


def test_json_is_read_back_as_it_was() -> None:
    @click.command()
    def show() -> None:
        echo_json({"purpose": HOSTILE})

    shown = CliRunner().invoke(show).stdout
    assert json.loads(shown) == {"purpose": HOSTILE}
    assert "\x9b" not in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_has_no_midnight_here_is_none(text: str) -> None:
    """Moscow's first day of the year 1 begins before Python's time."""
    with pytest.raises(click.BadParameter, match="is not a day like"):
        day_of(click.Context(main), click.Option(["--day"]), text)


def test_a_refusal_that_holds_foreign_text_is_one_line() -> None:
    @click.group(cls=Group)
    def main() -> None:
        pass

    @main.command()
    def find() -> None:
        raise NotFound(what=f"payment {HOSTILE}\nk5: all is well")

    refused = CliRunner().invoke(main, ["find"])
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (1, 1)
    assert refused.stderr.rstrip("\n").isprintable()


def test_each_number_that_a_command_takes_has_a_largest_value() -> None:
    """What no database holds is named as wrong, not met as a fault of ours."""
    endless = [
        f"{command.name} {param.name}"
        for command in _commands(main)
        for param in command.params
        if isinstance(param.type, click.IntRange) and param.type.max is None
    ]
    assert endless == []


def _commands(command: click.Command) -> Iterator[click.Command]:
    yield command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), name)
            assert found
            yield from _commands(found)
