"""`k5 deck`: price lists in, out, and what differs between them."""

from __future__ import annotations

import re
import secrets
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import click

from k5web.cli.as_json import AS_JSON, echo_items
from k5web.cli.asking import YES, be_sure
from k5web.cli.by_hand import waits_line
from k5web.cli.context import actor, open_house
from k5web.cli.progress import shown_progress
from k5web.cli.rejected_rows import echo_rejected
from k5web.cli.terminal import NUMBER, day, day_of, echo
from k5web.domain.money import CURRENCIES
from k5web.domain.prices.deck import DECK_NAME, DeckVersion
from k5web.domain.prices.deck_cells import BLOCKED
from k5web.domain.prices.deck_difference import DeckDifference, PriceChange
from k5web.domain.prices.rating import Rate
from k5web.errors import DeckStopped, NoDeck, WrongDeck
from k5web.services.calls import gaps as lines_of
from k5web.services.desk import price_proposals
from k5web.services.prices import deck_publishing, exchange, ratedecks, withdrawals

if TYPE_CHECKING:
    from k5web.domain.calls.gaps import Gap
    from k5web.services.prices.ratedecks import DeckImport

EXAMPLES = 5  # of each kind of change

_KINDS: tuple[tuple[str, Callable[[DeckDifference], tuple[PriceChange, ...]]], ...] = (
    ("new", lambda found: found.new),
    ("gone", lambda found: found.gone),
    ("dearer", lambda found: found.dearer),
    ("cheaper", lambda found: found.cheaper),
    ("other terms", lambda found: found.changed),
    ("overlaps", lambda found: found.overlaps),
)


WITHOUT_NOTICE = click.option(
    "--without-notice", default="", metavar="REASON", help="Why prices may become dearer within ten days."
)


@click.group()
def deck() -> None:
    """Price lists: import, list, export, compare, take back, hold against the carriers'."""


def _name(_ctx: click.Context, _param: click.Parameter, name: str) -> str:
    if not DECK_NAME.fullmatch(name):
        raise click.BadParameter(f"'{name}' is not a name like k5: small letters, digits and hyphens")
    return name


def _rate_of_exchange(_ctx: click.Context, _param: click.Parameter, text: str) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]{1,6})?", text, re.ASCII) or not Decimal(text):
        raise click.BadParameter(f"'{text}' is not a rate like 1.12")
    return Decimal(text)


@deck.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--deck", "name", required=True, callback=_name, help="Name of the price list: k5, clovertel …")
@click.option(
    "--effective", required=True, callback=day_of, metavar="DATE", help="In force from 00:00 Moscow of this day."
)
@click.option("--dry-run", is_flag=True, help="Show what would change and import nothing.")
@click.option("--mapping", type=click.Path(path_type=Path), help="What a carrier's columns mean: a TOML file.")
@click.option("--currency", type=click.Choice(sorted(CURRENCIES)), help="Of a list that does not name its own.")
@click.option("--changes", is_flag=True, help="FILE is a notice of changes: what it does not name stays as it is.")
@click.option("--replace", is_flag=True, help="Go on where much of the list in force would go or become dearer.")
@WITHOUT_NOTICE
@click.option("--allow-free", is_flag=True, help="Price 0 is meant: calls there cost nothing.")
def import_(file: Path, name: str, effective: date, dry_run: bool, **chosen: Any) -> None:
    """Import FILE (CSV or XLSX) as the next version of a price list, whole or not at all."""
    with open_house() as ports, shown_progress() as progress:
        try:
            options = deck_publishing.ImportOptions(**chosen)
            result = ratedecks.import_deck(ports, file, name, effective, dry_run, progress, options)
        except WrongDeck as wrong:
            echo_rejected(wrong.facts["rejected"])
            raise
        except DeckStopped as stopped:
            _echo_difference(cast(DeckDifference, stopped.facts["difference"]))
            raise
    if result.doubts:
        echo(f"{len(result.doubts)} rows do not fit the numbering plan:", err=True)
        echo_rejected(result.doubts)
    _echo_difference(result.difference)
    _echo_import(result, name, effective, dry_run)


@deck.command("convert")
@click.argument("source")
@click.option("--deck", "name", required=True, callback=_name, help="Name of the list to publish: k5-kgs")
@click.option("--currency", required=True, type=click.Choice(sorted(CURRENCIES)), help="Of the accounts it is for.")
@click.option("--rate", required=True, callback=_rate_of_exchange, help="How much one rouble is in it: 1.12")
@click.option(
    "--effective", required=True, callback=day_of, metavar="DATE", help="In force from 00:00 Moscow of this day."
)
@WITHOUT_NOTICE
def convert(source: str, name: str, currency: str, rate: Decimal, effective: date, without_notice: str) -> None:
    """Publish SOURCE (k5) for accounts in another currency, at a fixed rate; its page tells the rate."""
    with open_house() as ports:
        version = exchange.convert_deck(ports, source, name, currency, rate, effective, without_notice)
    echo(f"{name}: version {version.id} with {version.row_count} prices is in force from {effective}")


@deck.command("list")
@AS_JSON
def list_(as_json: bool) -> None:
    """List all versions of all price lists; * marks those in force."""
    with open_house() as ports:
        found = ratedecks.versions(ports)
    if as_json:
        echo_items("deck", [_item(version, is_in_force) for version, is_in_force in found])
        return
    if not found:
        echo("there is no price list yet: import one with k5 deck import")
    for version, is_in_force in found:
        since = day(version.effective_from)
        mark = "*" if is_in_force else " "
        echo(
            f"{mark} {version.id:>5}  {version.name:<12} from {since}  {version.row_count:>7} prices  {version.source}"
        )


def _item(version: DeckVersion, is_in_force: bool) -> dict[str, Any]:
    return {
        "version": version.id,
        "name": version.name,
        "effective_from": version.effective_from,
        "imported_at": version.imported_at,
        "prices": version.row_count,
        "source": version.source,
        "is_in_force": is_in_force,
    }


@deck.command("withdraw")
@click.argument("version", type=NUMBER)
@click.option("--reason", required=True, help="Why, in a line: kept with your name and the moment.")
@YES
def withdraw(version: int, reason: str, is_sure: bool) -> None:
    """Propose to take VERSION back before its day: a second person approves, then it never counts."""
    with open_house() as ports:
        begins, name = withdrawals.check_withdrawable(ports, "deck", version)
        echo(f"{name}: version {version} would not take force on {begins}; what is in force stays", err=True)
        be_sure(is_sure)
        made = price_proposals.propose_withdrawal(ports, "deck", version, actor(), secrets.token_hex(16), reason)
    echo(waits_line(made))


@deck.command("gaps")
@click.argument("name", default="k5", callback=_name)
@AS_JSON
def gaps(name: str, as_json: bool) -> None:
    """List what price list NAME sells and no carrier's list takes: such calls are refused.

    Exit 1: there are some; 2: there is no such list in force.
    """
    with open_house() as ports:
        try:
            found = lines_of.sold(ports, name)
        except NoDeck as error:
            raise click.UsageError(str(error)) from error
    if as_json:
        items = [
            {"prefix": e.rate.prefix, "destination": e.rate.destination, "is_partial": e.is_partial} for e in found
        ]
        echo_items("gap", items)
    else:
        _tell_gaps(found)
    if found:
        sys.exit(1)


def _tell_gaps(found: list[Gap]) -> None:
    by_place: dict[tuple[str, bool], list[str]] = {}
    for gap in found:
        by_place.setdefault((gap.rate.destination, gap.is_partial), []).append(gap.rate.prefix)
    for (destination, is_partial), prefixes in sorted(by_place.items()):
        more = f" and {len(prefixes) - EXAMPLES} more" if len(prefixes) > EXAMPLES else ""
        part = ", in part" if is_partial else ""
        echo(f"{destination}{part}: {', '.join(prefixes[:EXAMPLES])}{more}")
    echo(f"{len(found)} sold prefixes without a carrier" if found else "every sold prefix has a carrier")


@deck.command("export")
@click.argument("name")
@click.option("--out", type=click.File("w", encoding="utf-8", lazy=True), default="-", help="Instead of the screen.")
def export(name: str, out: IO[str]) -> None:
    """Write a price list as CSV: NAME is a list, as in force now, or the number of a version."""
    with open_house() as ports:
        ratedecks.export_deck(ports, name, out)


@deck.command("diff")
@click.argument("a")
@click.argument("b")
def diff(a: str, b: str) -> None:
    """Show what changes from A to B, each a price list as in force now or the number of a version."""
    with open_house() as ports:
        _echo_difference(ratedecks.compare(ports, a, b))


def _echo_difference(found: DeckDifference) -> None:
    for kind, changes_of in _KINDS:
        changes = changes_of(found)
        echo(f"{kind}: {len(changes)}")
        for change in changes[:EXAMPLES]:
            echo(f"  {change.prefix}  {_words(kind, change)}")
        if len(changes) > EXAMPLES:
            echo(f"  and {len(changes) - EXAMPLES} more")
    echo(f"same: {found.same}")


def _words(kind: str, change: PriceChange) -> str:
    if kind == "overlaps":
        return f"{_rate(change.after)}, inside {_rate(change.before)}"
    if change.before is None or change.before.prefix != change.prefix:
        return f"{_rate(change.after)}, until now {_rate(change.before)}"
    if change.after is None or change.after.prefix != change.prefix:
        return f"{_rate(change.before)}, from then on {_rate(change.after)}"
    return f"{_rate(change.before)} → {_rate(change.after)}"


def _rate(rate: Rate | None) -> str:
    if rate is None:
        return "no price"
    price = BLOCKED if rate.is_blocked else f"{rate.per_minute} {rate.per_minute.currency}"
    return f"{rate.destination} {price} ({rate.prefix})"


def _echo_import(result: DeckImport, name: str, effective: date, dry_run: bool) -> None:
    if result.later:
        echo(f"of the list {result.later} prices take force later; {result.kept} keep the old price until then")
    newer = result.overruled_by
    if newer is not None:
        since = day(newer.effective_from)
        overrules = f"version {newer.id}, in force from {since}, overrules this list: its prices are not used now"
        echo(f"{name}: {overrules}; to use them, import it for {since} or later", err=True)
    if result.version is not None:
        begins = "is in force from" if newer is None else "is written for"
        version = result.version
        echo(f"{name}: version {version.id} with {version.row_count} prices {begins} {effective}")
    elif result.is_known:
        echo(f"{name}: this very file is imported already for {effective}; nothing was written")
    elif dry_run:
        echo(f"{name}: dry run, nothing was imported")
        for question in result.questions:
            echo(f"{name}: the import would stop: {question}", err=True)
