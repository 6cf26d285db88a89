"""How the simulated provider delivers: again and again with growing pauses, until K5 has understood."""

import threading
from collections.abc import Callable
from typing import Any

from k5web.errors import ProviderRefused, ProviderUnknown
from k5web.outgoing.request import Answer, Remote

K5 = Remote("k5", (3.0, 60.0))
PAUSES_S = (1, 2, 5, 15, 60, 300)  # then every hour for a day
A_DAYS_HOURS = 24


def send(method: str, url: str, **content: Any) -> Answer | None:
    """Return K5's answer, None where the line broke."""
    try:
        return K5.request(method, url, **content)
    except (ProviderRefused, ProviderUnknown):
        return None


def deliver(is_understood: Callable[[], bool], delay_s: float = 0, copies: int = 1) -> None:
    """Try at once unless a delay is wanted, go on in the background; each further copy goes the same way at once."""
    if not delay_s and is_understood():
        copies -= 1
    for _ in range(copies):
        threading.Thread(target=_insist, args=(is_understood, delay_s), daemon=True).start()


def _insist(is_understood: Callable[[], bool], delay_s: float) -> None:
    wait = threading.Event().wait
    wait(delay_s)
    for pause_s in (*PAUSES_S, *[3600] * A_DAYS_HOURS):
        if is_understood():
            return
        wait(pause_s)
