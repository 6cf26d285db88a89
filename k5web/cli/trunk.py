"""`k5 trunk`: the switches and the lines to the carriers, as they stand now."""

import click

from k5web.cli.context import open_house
from k5web.cli.terminal import echo
from k5web.services.calls import staff_view
from k5web.services.calls.staff_view import Line, TrunkLine


@click.group()
def trunk() -> None:
    """Switches and trunks: what they carry, what they may, how they are."""


@trunk.command("list")
def list_trunks() -> None:
    """List every switch and trunk: load and limit, health, the carrier's price list."""
    with open_house() as ports:
        lines = staff_view.lines(ports)
    for switch in lines.switches:
        echo(f"switch {switch.name:<16} {_load(switch, 'calls')}  {_health(switch)}")
    for line in lines.trunks:
        words = [_load(line, "legs"), f"priority {line.trunk.priority}", _deck(line), f"on {', '.join(line.switches)}"]
        if line.trunk.prefixes:
            words.append(f"for {', '.join(line.trunk.prefixes)}")
        echo(f"trunk  {line.name:<16} {'  '.join(words)}  {_health(line)}")


def _load(line: Line, what: str) -> str:
    return f"{line.load} of {line.limit} {what}"


def _health(line: Line) -> str:
    if line.trouble is None:
        return "well"
    stand = "rests" if line.rests else "on trial"
    doubts = f" and {line.trouble.doubts} doubts" if line.trouble.doubts else ""
    return f"{stand}: {line.trouble.failures} failures{doubts} in a row, the last: {line.trouble.reason}"


def _deck(line: TrunkLine) -> str:
    if not line.trunk.deck:
        return "no deck: cost unknown"
    if line.deck_version is None:
        return f"deck {line.trunk.deck} is not in force: cost unknown"
    return f"deck {line.trunk.deck}, version {line.deck_version}"
