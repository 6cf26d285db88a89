"""What a process tells its operator: one line an event on stderr, with facts as key=value or all of it as JSON."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import TYPE_CHECKING, Final, TextIO

from k5web import request_id
from k5web.domain.bank.printable import printable

if TYPE_CHECKING:
    from k5web.config.settings import LogForm

_OF_EVERY_RECORD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class OneLine(logging.Formatter):
    """Time in UTC, level, place, words, facts. A text from outside cannot begin a line: a trace is set in from it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; below it, where something failed, the trace."""
        words = [_moment(record), record.levelname, record.name, printable(record.getMessage())]
        line = " ".join([*words, *(f"{name}={_quoted(str(value))}" for name, value in _facts(record).items())])
        if not record.exc_info:
            return line
        trace = self.formatException(record.exc_info).splitlines()
        return "\n    ".join([line, *(printable(part) for part in trace)])


class OneObject(logging.Formatter):
    """The same as one JSON object a line, for programs that gather logs; the trace is one of its texts."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: ASCII, so that no sign of a text can end it."""
        told: dict[str, int | str] = {
            "at": _moment(record),
            "level": record.levelname,
            "place": record.name,
            "event": record.getMessage(),
        }
        told |= {name: value if isinstance(value, int) else str(value) for name, value in _facts(record).items()}
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told)


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what is stderr at that moment: a child process or a test may have another."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(OneLine())
        self.addFilter(_name_request)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def to_stderr(level: int = logging.WARNING) -> None:
    """Send K5's own events from this level on, and warnings of libraries, to stderr; nothing is added twice."""
    logging.basicConfig(handlers=[_Stderr()], level=logging.WARNING)
    logging.getLogger("k5web").setLevel(level)


def use(form: LogForm) -> None:
    """Write events in this form from now on."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _Stderr):
            handler.setFormatter(OneObject() if form == "json" else OneLine())


def _name_request(record: logging.LogRecord) -> bool:
    """Let the line carry the name of the request under way."""
    if name := request_id.current():
        record.request_id = name
    return True


def _moment(record: logging.LogRecord) -> str:
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{at}.{int(record.msecs):03d}Z"


def _facts(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _OF_EVERY_RECORD}


def _quoted(text: str) -> str:
    plain = printable(text)
    return f'"{plain.replace(chr(34), chr(39))}"' if " " in plain or not plain else plain
