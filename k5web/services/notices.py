"""A provider's notice: read, acted upon, answered. Our own trouble is never a final answer: it says "later"."""

import logging

from k5web.domain.topup import (
    Ignored,
    Noted,
    Notice,
    Outcome,
    PaymentConnector,
    Refusal,
    Refused,
    WireRequest,
    WireResponse,
)
from k5web.errors import ForgedNotice, MalformedNotice
from k5web.services.ports import Ports

logger = logging.getLogger(__name__)


def take_notice(ports: Ports, connector: PaymentConnector, request: WireRequest) -> WireResponse:
    """Do what the notice says and return the answer in the connector's words."""
    notice: Notice | None = None
    try:
        notice = connector.read(request)
    except ForgedNotice as error:
        logger.warning("forged notice", extra={"origin": connector.origin, "reason": str(error)})
        return connector.answer(request, None, Refused(Refusal.FORGED))
    except MalformedNotice as error:
        logger.warning("malformed notice", extra={"origin": connector.origin, "reason": str(error)})
        return connector.answer(request, None, Refused(Refusal.MALFORMED))
    except Exception:
        logger.exception("a bug in reading a notice", extra={"origin": connector.origin})
        return connector.answer(request, None, Refused(Refusal.LATER))
    return connector.answer(request, notice, _act(ports, connector, notice))


def _act(ports: Ports, connector: PaymentConnector, notice: Notice) -> Outcome:
    match notice:
        case Ignored():
            return Noted()
        case _:
            return Refused(Refusal.LATER)
