"""`k5 ledger verify`: every invariant asked, what breaks one told as it is found, a look that was cut begun again."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import click

from k5web.cli.context import actor, open_house
from k5web.cli.progress import shown_progress
from k5web.cli.terminal import echo
from k5web.domain.books.ledger import Breach
from k5web.errors import K5Error, Unavailable
from k5web.services.books import verify as verifying

if TYPE_CHECKING:
    from k5web.services.ports import Ports

logger = logging.getLogger(__name__)

COULD_NOT_LOOK = 3  # an exit code: neither "sound" nor "broken"


@dataclass
class Look:
    """What is known so far: the rows that break a rule, and up to which owner all rules of single owners are asked."""

    as_json: bool
    progress: Callable[[str, int, int], None]
    breaches: list[Breach] = field(default_factory=list)
    through: int | None = None

    def hear(self, step: verifying.Step) -> None:
        """Show what was found at once: a look may be cut later."""
        self.progress("verify", step.done, step.total)
        self.breaches += step.breaches
        self.through = self.through if step.through is None else step.through
        if not self.as_json:
            for breach in step.breaches:
                echo(f"{breach.invariant}  {breach.where}: {breach.found}")

    def tell_cut(self) -> None:
        """Say from where another look goes on."""
        if self.through is not None:
            whom = "every owner was" if self.through == verifying.LAST else f"the owners up to {self.through} were"
            echo(f"k5: {whom} asked; --after-owner {self.through} goes on from there", err=True)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@click.option("--after-owner", type=int, metavar="OWNER", help="Go on with a look that was cut behind this owner.")
def verify(as_json: bool, after_owner: int | None) -> None:
    """Ask every invariant of the ledger; the desk shows the last result.

    Exit 0: every one holds. 1: one is broken, and the rows are printed. 3: it could not be asked, which says nothing
    about the ledger. The progress is on stderr. A look that was cut says behind which owner to go on. It, and what goes
    on from there, is written down only where it finds something, for it proves a part.
    """
    if after_owner is not None and not verifying.BELOW_ALL <= after_owner <= verifying.LAST:
        raise click.BadParameter("no owner has an id of so many digits", param_hint="--after-owner")
    with shown_progress() as progress:
        look = Look(as_json, progress)
        with _could_not_look(look), open_house() as ports:
            is_whole = False
            try:
                if after_owner is None:
                    verifying.verify(ports, look.hear)
                    is_whole = True
                else:
                    verifying.verify(ports, look.hear, above=after_owner)
            finally:
                if look.breaches or is_whole:
                    _note(ports, look.breaches)
    _tell(look, after_owner)


@contextmanager
def _could_not_look(look: Look) -> Iterator[None]:
    """End with 3 whatever keeps the question from being asked, our own faults too: 1 says that the ledger is broken."""
    try:
        yield
    except BrokenPipeError:
        raise  # it was asked, and the reader of the rows went away
    except KeyboardInterrupt:
        echo("k5: the ledger was not verified: it was interrupted", err=True)
    except Exception as error:
        if not isinstance(error, K5Error):
            logger.exception("a bug")
        reason = error if isinstance(error, K5Error) else "a fault of ours: please report what the log says above"
        echo(f"k5: the ledger could not be verified: {reason}", err=True)
    else:
        return
    look.tell_cut()
    if look.breaches:  # broken it is, whatever else was not asked
        _tell(look, None)
    sys.exit(COULD_NOT_LOOK)


def _note(ports: Ports, breaches: list[Breach]) -> None:
    try:
        verifying.note(ports, breaches, actor())
    except Unavailable as error:  # the result stands all the same
        echo(f"k5: the result could not be written down: {error}", err=True)


def _tell(look: Look, after_owner: int | None) -> None:
    """Print the result, and end with 1 where a rule is broken."""
    if look.as_json:
        echo(json.dumps({"breaches": [asdict(breach) for breach in look.breaches]}, ensure_ascii=False))
    elif not look.breaches:
        of_whom = "" if after_owner is None else f" of the owners behind {after_owner} and of the whole house"
        echo(f"every invariant{of_whom} holds")
    if look.breaches:
        sys.exit(1)
