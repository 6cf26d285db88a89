"""Staff switch a carrier off and on: every process and worker obeys from the next call on, no file is edited."""

import logging

from k5web.domain.calls.trunk import Trunk, TrunkOff
from k5web.domain.reason import checked_reason
from k5web.errors import NotFound
from k5web.services.calls.routing import trunks
from k5web.services.ports import Ports
from k5web.storage.calls import routes
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)


@transactional
def switch_off(ports: Ports, code: str, reason: str, actor: str) -> bool:
    """Send nothing new by this trunk; False where staff had switched it off before. What goes on goes on.

    What comes in by it is answered, and emergency calls go by it where it is theirs. Raises: NotFound, WrongReason.
    """
    _find(ports, code)
    news = TrunkOff(code, ports.clock(), actor, checked_reason(reason))
    with ports.sessions.begin() as db:
        is_new = routes.switch_off(db, news)
    if is_new:
        logger.warning("trunk switched off", extra={"trunk": code, "actor": actor})
    return is_new


@transactional
def switch_on(ports: Ports, code: str, reason: str, actor: str) -> bool:
    """Use this trunk again; False where staff had not switched it off. Raises: NotFound, WrongReason."""
    _find(ports, code)
    checked_reason(reason)
    with ports.sessions.begin() as db:
        was_off = routes.switch_on(db, code)
    if was_off:
        logger.info("trunk switched on", extra={"trunk": code, "actor": actor})
    return was_off


def _find(ports: Ports, code: str) -> Trunk:
    """Return the trunk of the settings. Raises: NotFound."""
    return NotFound.unless(next((each for each in trunks(ports.switches) if each.code == code), None), f"trunk {code}")
