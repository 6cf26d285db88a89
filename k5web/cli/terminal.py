"""How commands write: every text passes one place, so that what comes from outside cannot steer a terminal."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import sys
from datetime import date, datetime
from typing import Any, Final

import click

from k5web.domain.bank.printable import printable
from k5web.domain.operator_zone import OPERATOR_ZONE

NUMBER: Final = click.IntRange(1, 2**63 - 1)  # of a row: what is larger fits into no database
NO_TEXT: Final = "there are bytes in it that are no text: say it in UTF-8"
YEARS: Final = range(1900, 3000)  # of the days that commands take


def echo(line: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Write one line to stdout, or to stderr; a line end inside it is shown as an escape, for it could forge a line."""
    click.echo(printable(str(line)), err=err, nl=nl)


def echo_lines(text: str) -> None:
    """Write several lines of our own making to stdout."""
    click.echo(printable(text, keep="\n"))


def echo_json(facts: dict[str, Any]) -> None:
    """Write facts for programs to stdout; the escapes are JSON's own, so every text is read back as it was."""
    is_any_sign = (sys.stdout.encoding or "").replace("-", "").lower() == "utf8"
    echo_lines(json.dumps(facts, ensure_ascii=not is_any_sign, indent=2))


def moment(at: datetime) -> str:
    """Return a moment to the second, by the operator's clock: "2026-11-20 09:05:07"."""
    return f"{at.astimezone(OPERATOR_ZONE):%Y-%m-%d %H:%M:%S}"


def day(at: datetime) -> date:
    """Return a moment's day by the operator's calendar."""
    return at.astimezone(OPERATOR_ZONE).date()


def day_of(_ctx: click.Context, _param: click.Parameter, text: str | None) -> date | None:
    """Return the day that an option names, None where it is not given: no midnight of the operator's zone is
    before Python's first moment or after its last. Raises: BadParameter."""
    if text is None:
        return None
    found: date | None
    try:
        found = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 — a day of the operator's calendar
    except ValueError:
        found = None
    if found is None or found.year not in YEARS:
        raise click.BadParameter(f"'{text}' is not a day like 2026-12-01")
    return found


def month_of(_ctx: click.Context, _param: click.Parameter, text: str | None) -> date | None:
    """Return the first day of the month that an option names, None where it is not given. Raises: BadParameter."""
    if text is None:
        return None
    if not re.fullmatch(r"20[0-9]{2}-(?:0[1-9]|1[0-2])", text, re.ASCII):
        raise click.BadParameter(f"'{text}' is not a month like 2026-12")
    return date.fromisoformat(f"{text}-01")


def prepare() -> None:
    """Let a terminal without a letter's sign show the letter's number, and not end the command; what was closed before
    the start leads nowhere, or the first file that is opened, the database's, would stand in its place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):  # each takes the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 it stays open to the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


FULL: Final = {errno.ENOSPC, errno.EDQUOT}


def is_unwritten(error: BaseException) -> bool:
    """Return whether what was written did not get through: to stdout, or to a file of ours."""
    return isinstance(error, OSError) and error.errno in {*FULL, errno.EFBIG, errno.EIO}


def cure(error: OSError) -> str:
    """Return what helps: room where there is none; a disk or terminal that fails has another fault."""
    if error.errno in FULL:
        return "make room, then do the same again"
    return "its disk, terminal or limit of size is at fault, `dmesg` may say more; then do the same again"


def is_no_text(error: BaseException) -> bool:
    """Return whether bytes were given that are no text: Python hands them on as halves of signs, which no database
    takes. A file may be called so."""
    return isinstance(error, UnicodeEncodeError) and "\udc80" <= error.object[error.start] <= "\udcff"


def leave() -> None:
    """Give what is left to the system; where that fails it was said already, and Python shall not say it again."""
    for stream in filter(None, (sys.stdout, sys.stderr)):  # None: closed before the start
        try:
            stream.flush()
        except (OSError, ValueError):
            with open(os.devnull, "w") as nowhere:
                os.dup2(nowhere.fileno(), stream.fileno())
