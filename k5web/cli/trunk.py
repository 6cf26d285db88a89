"""`k5 trunk`: the switches and the lines to the carriers, as they stand now; the files that switches read of them."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from k5web.cli.as_json import AS_JSON, echo_items
from k5web.cli.context import actor, app, open_house, settings
from k5web.cli.terminal import echo, moment
from k5web.errors import WrongSetting
from k5web.services.calls import staff_view, trunks_off

if TYPE_CHECKING:
    from collections.abc import Sequence

    from k5web.services.calls.staff_view import Line, TrunkLine

REASON = click.option("--reason", required=True, help="why, in a line: kept with your name and the moment")


@click.group()
def trunk() -> None:
    """Switches and trunks: what they carry, what they may, how they are."""


@trunk.command("list")
@AS_JSON
def list_trunks(as_json: bool) -> None:
    """List every switch and trunk: load and limit, health, the carrier's price list."""
    with open_house() as ports:
        lines = staff_view.lines(ports)
    if as_json:
        switches = [{"sort": "switch"} | _item(switch) for switch in lines.switches]
        echo_items("line", [*switches, *({"sort": "trunk"} | _item(line) | _terms(line) for line in lines.trunks)])
        return
    for switch in lines.switches:
        echo(f"switch {switch.name:<16} {_load(switch, 'calls')}  {_health(switch)}")
    for line in lines.trunks:
        words = [_load(line, "legs"), f"priority {line.trunk.priority}", _deck(line), f"on {', '.join(line.switches)}"]
        if line.trunk.prefixes:
            words.append(f"for {', '.join(line.trunk.prefixes)}")
        echo(f"trunk  {line.name:<16} {'  '.join(words)}  {_health(line)}")


@trunk.command()
@click.argument("named", metavar="CODE")  # "code" would be a one-time code, which no audit keeps
@REASON
def off(named: str, reason: str) -> None:
    """Send no new call by the trunk CODE, from now on and in every process; those under way go on.

    What comes in by it is still answered. `k5 trunk on` takes it back.
    """
    with open_house() as ports:
        is_new = trunks_off.switch_off(ports, named, reason, actor())
        line = _line(staff_view.lines(ports).trunks, named)
    echo(f"trunk {named}: {_health(line)}" if is_new else f"trunk {named} was off already: {_health(line)}")
    if any(switch.emergency == named for switch in settings().switches):
        echo("Emergency calls still go by it: K5_EMERGENCY names it", err=True)


@trunk.command()
@click.argument("named", metavar="CODE")
@REASON
def on(named: str, reason: str) -> None:
    """Send calls by the trunk CODE again, from now on and in every process."""
    with open_house() as ports:
        was_off = trunks_off.switch_on(ports, named, reason, actor())
        line = _line(staff_view.lines(ports).trunks, named)
    if not line.is_on:
        raise click.ClickException(
            f"trunk {named} stays off: its table in the file of K5_SWITCHES says enabled = false"
        )
    echo(f"trunk {named}: {'is on' if was_off else 'was on already'}, {_health(line)}")


def _line(lines: Sequence[TrunkLine], code: str) -> TrunkLine:
    return next(line for line in lines if line.name == code)


@trunk.command()
def write() -> None:
    """Write the switches' files from the trunks of K5_SWITCHES; where the table is wrong nothing is written.

    The switches go on with what they have until `k5 trunk reload`.
    """
    with open_house():
        _write()


@trunk.command()
def reload() -> None:
    """Write the same, and let the switches read it: calls under way go on, the next ones go by the new trunks.

    K5's own processes learn of a new trunk, limit or list when they are started again.
    """
    with open_house():
        for files in _write():
            files.load()
            echo(f"switch {files.name}: has read them")


def _write() -> list[app.TrunkFiles]:
    """Write the files of each switch whose folder is on this machine, and say so. Raises: WrongSetting: none is."""
    switches = settings().switches
    here = [app.TrunkFiles(switch) for switch in switches if switch.directory]
    if not here or not os.environ.get("K5_SWITCHES"):
        reason = "names no [[switch]] with a directory on this machine, so there is nothing to write"
        raise WrongSetting(name="K5_SWITCHES", reason=reason)
    shared = Counter(trunk.code for switch in switches for trunk in switch.trunks)
    for files in here:
        echo(f"switch {files.name}: {files.write(shared)} trunks written")
    return here


def _item(line: Line) -> dict[str, Any]:
    trouble = line.trouble
    return {
        "name": line.name,
        "load": line.load,
        "limit": line.limit,
        "rests": line.rests,
        "failures": trouble.failures if trouble else 0,
        "doubts": trouble.doubts if trouble else 0,
        "reason": trouble.reason if trouble else None,
    }


def _terms(line: TrunkLine) -> dict[str, Any]:
    return {
        "priority": line.trunk.priority,
        "prefixes": line.trunk.prefixes,
        "deck": line.trunk.deck or None,
        "deck_version": line.deck_version,
        "switches": line.switches,
        "is_on": line.is_on,
        "off_at": line.off.at if line.off else None,
        "off_by": line.off.actor if line.off else None,
        "off_reason": line.off.reason if line.off else None,
    }


def _load(line: Line, what: str) -> str:
    return f"{line.load} of {line.limit} {what}"


def _health(line: Line) -> str:
    if isinstance(line, staff_view.TrunkLine) and line.off:
        return f"off since {moment(line.off.at)} by {line.off.actor}: {line.off.reason}"
    if isinstance(line, staff_view.TrunkLine) and not line.is_on:
        return "off"
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
