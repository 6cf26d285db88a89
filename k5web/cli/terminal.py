"""How commands write: every text passes one place, so that what comes from outside cannot steer a terminal."""

import json
import re
from datetime import date, datetime
from typing import Any, Final

import click

from k5web.domain.bank.printable import printable
from k5web.services.ports import OPERATOR_ZONE

NUMBER: Final = click.IntRange(1, 2**63 - 1)  # of a row: what is larger fits into no database


def echo(line: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Write one line to stdout, or to stderr; a line end inside it is shown as an escape, for it could forge a line."""
    click.echo(printable(str(line)), err=err, nl=nl)


def echo_lines(text: str) -> None:
    """Write several lines of our own making to stdout."""
    click.echo(printable(text, keep="\n"))


def echo_json(facts: dict[str, Any]) -> None:
    """Write facts for programs to stdout; the escapes are JSON's own, so every text is read back as it was."""
    echo_lines(json.dumps(facts, ensure_ascii=False, indent=2))


def moment(at: datetime) -> str:
    """Return a moment to the second, by the operator's clock: "2026-11-20 09:05:07"."""
    return f"{at.astimezone(OPERATOR_ZONE):%Y-%m-%d %H:%M:%S}"


def day_of(_ctx: click.Context, _param: click.Parameter, text: str | None) -> date | None:
    """Return the day that an option names, None where it is not given. Raises: BadParameter."""
    try:
        return None if text is None else datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 — a day of the operator's calendar
    except ValueError:
        raise click.BadParameter(f"'{text}' is not a day like 2026-12-01") from None


def month_of(_ctx: click.Context, _param: click.Parameter, text: str | None) -> date | None:
    """Return the first day of the month that an option names, None where it is not given. Raises: BadParameter."""
    if text is None:
        return None
    if not re.fullmatch(r"20[0-9]{2}-(?:0[1-9]|1[0-2])", text, re.ASCII):
        raise click.BadParameter(f"'{text}' is not a month like 2026-12")
    return date.fromisoformat(f"{text}-01")
