"""What commands print for programs, in one shape (docs/commands.md): {"kind", "items", "more"}."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Final

import click

from k5web.cli.terminal import echo_json
from k5web.domain.money import Money, Price
from k5web.domain.prices.number import Msisdn

AS_JSON: Final = click.option("--json", "as_json", is_flag=True, help="For programs: docs/commands.md has the shape.")


def echo_items(kind: str, items: Iterable[Mapping[str, object]], more: str | None = None) -> None:
    """Print what was found. `more`: what the command is to be told to go on after it; None at the end."""
    echo_json({"kind": kind, "items": [plain(item) for item in items], "more": more})


def plain(value: object) -> Any:
    """Return a value as JSON has it: money with its currency, moments in UTC, numbers of phones with their plus."""
    match value:
        case None | bool() | int():
            return value
        case Money():
            return {"amount": str(value), "currency": value.currency}
        case Price():
            return {"price": str(value), "currency": value.currency}
        case Msisdn():
            return f"+{value.digits}"
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Enum():
            return value.value
        case str():
            return value
        case Mapping():
            return {str(name): plain(each) for name, each in value.items()}
        case Sequence() | set() | frozenset():
            return [plain(each) for each in value]
    return str(value)
