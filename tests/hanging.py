"""What a test leaves behind is taken away within minutes, or the process that hangs at it is ended.

pytest-timeout ends a test that hangs, and then watches no longer: the end of what the test stood on may hang as well,
and the whole run with it. The traces of all threads are written first. Where several processes share the tests, another
one takes the place of the ended one and goes on, twice at most (`--max-worker-restart`); else the run ends there.
"""

import faulthandler
import os
from collections.abc import Generator

import pytest

LONGEST_END_S = 600  # the ends of a database, a switch and processes of K5 may take PATIENCE_S each
_kept: list[int] = []  # where to write while pytest keeps what is written for itself


def pytest_configure() -> None:
    """Keep the way out."""
    _kept.append(os.dup(2))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, None, None]:
    """Watch the end of a test."""
    faulthandler.dump_traceback_later(LONGEST_END_S, exit=True, file=_kept[0])
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
