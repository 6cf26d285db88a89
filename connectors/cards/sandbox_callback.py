"""The simulated gateway's call-backs: signed, sent up to three times, doubled or late where that was asked for."""

import logging
import threading
import time
from collections.abc import Mapping
from http import HTTPStatus

from connectors.cards.acquirer import Acquirer
from connectors.cards.callback import HmacSeal, signed_text
from connectors.cards.sandbox_bank import SandboxOrder
from k5web.errors import ProviderRefused, ProviderUnknown
from k5web.outgoing.request import Remote

logger = logging.getLogger(__name__)

TRIES = 3
RETRY_S = {"rbs": 30.0, "rbs-ecom": 60.0}
LATE_S = 20.0
K5 = Remote("k5", (2.0, 10.0))


class Teller:
    """Tells K5 what happened to one acquirer's orders, each time on a thread of its own: the payer does not wait."""

    def __init__(self, acquirer: Acquirer, k5_url: str, late_s: float = LATE_S) -> None:
        self._acquirer = acquirer
        self._url = f"{k5_url}/hooks/cards/{acquirer.path}"
        self._late_s = late_s

    def __call__(self, order: SandboxOrder, operation: str, is_success: bool) -> None:
        """Send the call-back as the order wants it: once, twice, late or never."""
        if order.telling == "never":
            return
        parameters = self.parameters(order, operation, is_success)
        times = 2 if order.telling == "twice" else 1
        wait_s = self._late_s if order.telling == "late" else 0.0
        for _ in range(times):
            threading.Thread(target=self._deliver, args=(parameters, wait_s), daemon=True).start()

    def parameters(self, order: SandboxOrder, operation: str, is_success: bool) -> Mapping[str, str]:
        """Return the call-back's parameters, signed where a token is agreed."""
        parameters = {
            "mdOrder": order.id,
            "orderNumber": order.number,
            "operation": operation,
            "status": "1" if is_success else "0",
            "amount": str(order.amount),
        }
        for seal in self._acquirer.seals[:1]:
            if isinstance(seal, HmacSeal):
                parameters["checksum"] = seal.checksum(signed_text(parameters))
        return parameters

    def _deliver(self, parameters: Mapping[str, str], wait_s: float) -> None:
        time.sleep(wait_s)
        for left in reversed(range(TRIES)):
            if self._send(parameters) or not left:
                return
            time.sleep(RETRY_S[self._acquirer.protocol])

    def _send(self, parameters: Mapping[str, str]) -> bool:
        try:
            if self._acquirer.protocol == "rbs-ecom":
                answer = K5.request("POST", self._url, json=parameters)
            else:
                answer = K5.request("GET", self._url, params=parameters)
        except (ProviderRefused, ProviderUnknown):
            return False
        return answer.status == HTTPStatus.OK
