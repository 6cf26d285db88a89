"""The Messenger port over Kannel's smsbox: one request for each SMS, never repeated here."""

import logging
from http import HTTPStatus
from typing import Final

from k5web.config.messages import KannelSettings
from k5web.domain.messaging.message import Fate, Sms
from k5web.domain.prices.sms_parts import is_7bit
from k5web.errors import ProviderRefused, ProviderUnknown
from k5web.outgoing.request import Remote

logger = logging.getLogger(__name__)

UCS_2: Final = "2"  # Kannel's coding
ALL_REPORTS: Final = "31"  # dlr-mask: delivered, failed, buffered, taken and refused by the operator
TIMEOUT_S: Final = (2.0, 10.0)


class KannelMessenger:
    """A running bearerbox and smsbox."""

    def __init__(self, settings: KannelSettings, secret: str, sender: str) -> None:
        """`secret` is the last part of our hook's address; `sender` is the number that people see."""
        self._settings = settings
        self._hook = f"{settings.reports}/hooks/sms/{secret}/report"
        self._sender = sender
        self._remote = Remote("kannel", TIMEOUT_S)

    def send(self, sms: Sms) -> Fate:
        """Hand one message over."""
        params = {
            "username": self._settings.user,
            "password": self._settings.password,
            "from": self._sender,
            "to": str(sms.to),
            "text": sms.text,
            "charset": "UTF-8",
            "dlr-mask": ALL_REPORTS,
            "dlr-url": f"{self._hook}?ref={sms.ref}&status=%d",
        }
        if not is_7bit(sms.text):
            params["coding"] = UCS_2
        try:
            answer = self._remote.request("GET", f"{self._settings.url}/cgi-bin/sendsms", sms.ref, params=params)
        except ProviderRefused:
            return "not_sent"
        except ProviderUnknown:
            return "unknown"
        return _fate(answer.status)


def _fate(status: int) -> Fate:
    """Return what Kannel's status says (user guide, "Send-sms CGI response codes")."""
    match status:
        case HTTPStatus.ACCEPTED | HTTPStatus.OK:  # taken, or queued until the operator is there again
            return "accepted"
        case HTTPStatus.FORBIDDEN:
            logger.error("kannel knows neither this user nor this password: K5_KANNEL_USER, K5_KANNEL_PASSWORD")
            return "not_sent"
        case HTTPStatus.SERVICE_UNAVAILABLE | HTTPStatus.TOO_MANY_REQUESTS:
            return "not_sent"
        case _ if status // 100 == 4:
            return "refused"
        case _:
            return "unknown"
