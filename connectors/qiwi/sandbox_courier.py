"""How the simulated provider delivers: again and again with growing pauses, until K5 has understood."""

import logging
import threading
from collections.abc import Callable

import requests

logger = logging.getLogger(__name__)

TIMEOUT_S = (3.0, 60.0)
PAUSES_S = (1, 2, 5, 15, 60, 300)  # then every hour for a day
A_DAYS_HOURS = 24


def send(method: str, url: str, **content: object) -> requests.Response | None:
    """Return K5's answer, None where the line broke."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.request(method, url, timeout=TIMEOUT_S, allow_redirects=False, **content)  # type: ignore[arg-type]
        except requests.RequestException as error:
            logger.warning("K5 cannot be reached", extra={"reason": type(error).__name__})
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
