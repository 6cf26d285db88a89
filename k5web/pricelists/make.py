"""Makes the two price lists: `python -m k5web.pricelists.make` writes clovertel.csv and k5.csv beside it.

`--explain "Россия моб."` (or a number) tells which prefixes a destination has and why; `--check` compares.
"""

import argparse
import csv
import io
import sys
import time
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from k5web.pricelists import clovertel, k5, path, tables
from k5web.pricelists.clovertel import Entry, longest
from k5web.pricelists.k5 import Row

HEADING = ["prefix", "destination", "per_minute", "currency"]
CURRENCY = "RUB"


def clovertel_csv(deck: Mapping[str, Entry]) -> str:
    """Return CloverTel's deck as text, in the order of the printed list."""
    prices = tables.printed_prices()
    order = {destination: place for place, destination in enumerate(prices)}
    rows = sorted((order[entry.destination], prefix, entry.destination) for prefix, entry in deck.items())
    return _csv([prefix, destination, prices[destination], CURRENCY] for _, prefix, destination in rows)


def k5_csv(deck: Mapping[str, Row]) -> str:
    """Return K5's deck as text, in the order of the prefixes."""
    return _csv([prefix, row.title, row.per_minute, CURRENCY] for prefix, row in sorted(deck.items()))


def _csv(rows: Iterator[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADING)
    writer.writerows(rows)
    return text.getvalue()


def explain(what: str, entries: Mapping[str, Entry]) -> list[str]:
    """Return the lines that tell why a destination has its prefixes, or why a number has its destination."""
    if what.lstrip("+").isdigit():
        number = what.lstrip("+")
        shorter = (number[:length] for length in range(len(number), 0, -1))
        chosen = list(islice((prefix for prefix in shorter if prefix in entries), 1))
    else:
        chosen = [prefix for prefix, entry in entries.items() if entry.destination == what]
    lines = []
    for prefix in chosen:
        entry = entries[prefix]
        above = longest(entries, prefix[:-1])
        within = f", within «{above.destination}»" if above else ""
        lines.append(f"+{prefix} «{entry.destination}»{within}: {entry.why}; {entry.direction.source}")
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Make, check or explain the lists; 1 where the answer is "no"."""
    parser = argparse.ArgumentParser(prog="python -m k5web.pricelists.make", description=__doc__)
    parser.add_argument("--explain", metavar="WHAT", help="a destination of CloverTel's list, or a number")
    parser.add_argument("--check", action="store_true", help="compare the files with what would be written")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent, help="folder for the files")
    options = parser.parse_args(arguments)

    started = time.monotonic()
    entries = clovertel.deck()
    if options.explain:
        lines = explain(options.explain, entries)
        print("\n".join(lines) or f"no such destination or number: {options.explain}")
        return 0 if lines else 1

    print(f"clovertel: {len(entries)} prefixes", file=sys.stderr)
    rows = k5.deck(entries)
    print(f"k5: {len(rows)} prefixes, {time.monotonic() - started:.1f} s", file=sys.stderr)
    for name, text in (("clovertel", clovertel_csv(entries)), ("k5", k5_csv(rows))):
        file = options.into / path(name).name
        if not options.check:
            file.write_text(text, encoding="utf-8", newline="")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            print(f"{file.name} differs from what would be written", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
