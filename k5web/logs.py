"""What a process tells its operator: one line an event on stderr, the facts after the words as key=value."""

import logging
import sys
import time
from typing import Final, TextIO

from k5web.domain.bank.printable import printable

_OF_EVERY_RECORD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class OneLine(logging.Formatter):
    """Time in UTC, level, place, words, facts. A text from outside cannot begin a line: a trace is set in from it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; below it, where something failed, the trace."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        words = [f"{at}.{int(record.msecs):03d}Z", record.levelname, record.name, printable(record.getMessage())]
        facts = {name: value for name, value in vars(record).items() if name not in _OF_EVERY_RECORD}
        line = " ".join([*words, *(f"{name}={_quoted(str(value))}" for name, value in facts.items())])
        if not record.exc_info:
            return line
        trace = self.formatException(record.exc_info).splitlines()
        return "\n    ".join([line, *(printable(part) for part in trace)])


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what is stderr at that moment: a child process or a test may have another."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(OneLine())

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def to_stderr(level: int = logging.WARNING) -> None:
    """Send K5's own events from this level on, and warnings of libraries, to stderr; nothing is added twice."""
    logging.basicConfig(handlers=[_Stderr()], level=logging.WARNING)
    logging.getLogger("k5web").setLevel(level)


def _quoted(text: str) -> str:
    plain = printable(text)
    return f'"{plain.replace(chr(34), chr(39))}"' if " " in plain or not plain else plain
