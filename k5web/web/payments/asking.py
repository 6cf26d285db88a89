"""Questions that a page has for a payment provider: asked beside the page, so that a silent provider holds no page up.

The page waits a little, as most providers answer at once; then it answers itself, and the question goes on.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from typing import Final, TypeVar

from k5web.turns import TurnsByName

T = TypeVar("T")

PATIENCE_S: Final = 3.0
AT_ONCE: Final = 3  # questions to one provider in a process: it has eight threads for pages

_TURNS = TurnsByName(AT_ONCE)


class StillAsking(Exception):
    """The provider has not answered yet; the question goes on by itself."""


def ask(origin: str, question: Callable[[], T]) -> T:
    """Return the answer of this provider. Raises: StillAsking; Busy (nothing was asked); what the question raises."""
    answer: Future[T] = Future()
    stack = ExitStack()
    stack.enter_context(_TURNS.take(origin))
    threading.Thread(target=_ask, args=(stack, answer, question), daemon=True).start()
    try:
        return answer.result(PATIENCE_S)
    except TimeoutError:
        if answer.done():
            raise  # it is the question's own
        raise StillAsking from None


def _ask(stack: ExitStack, answer: "Future[T]", question: Callable[[], T]) -> None:
    """Answer when the turn is given back, so that whoever has the answer may ask again at once."""
    try:
        with stack:
            found = question()
    except BaseException as error:  # noqa: BLE001 - whoever waits for the answer gets it
        answer.set_exception(error)
    else:
        answer.set_result(found)
