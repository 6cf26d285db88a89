"""What a test leaves behind is taken away within minutes, or the process that hangs at it is ended.

pytest-timeout ends a test that hangs, and then watches no longer: the end of what the test stood on may hang as well,
and the whole run with it. The traces of all threads are written first; the test counts as failed, the others go on.
"""

import faulthandler
import os
from collections.abc import Generator

import pytest

LONGEST_END_S = 300
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
