"""How long work shows itself: a bar on a terminal, a line at each quarter elsewhere; always on stderr."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

QUARTERS = 4
BAR = 30  # letters


@contextmanager
def shown_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Give a function to be told what is done, how far, of how much."""
    is_terminal = sys.stderr.isatty()
    seen: set[tuple[str, int]] = set()

    def show(what: str, done: int, total: int) -> None:
        steps = BAR if is_terminal else QUARTERS
        step = done * steps // total if total else steps
        if (what, step) in seen or (step == 0 and not is_terminal):
            return
        seen.add((what, step))
        percent = step * 100 // steps
        if is_terminal:
            click.echo(f"\r{what:<8} [{'#' * step:<{BAR}}] {percent:3} %", err=True, nl=step == steps)
        else:
            click.echo(f"{what}: {percent} %", err=True)

    yield show
