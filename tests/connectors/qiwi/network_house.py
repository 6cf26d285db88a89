"""The house with a network that speaks the provider protocol in front of it."""

from collections.abc import Mapping
from dataclasses import replace

from k5web.domain.payments.connector import PaymentConnector
from k5web.domain.payments.notice import WireRequest, WireResponse
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import blocking
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.payments import notices
from k5web.services.ports import Connectors
from k5web.storage.books import ledger
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.connectors.qiwi.wire_requests import (
    OSMP,
    elements,
    get,
    opened,
)
from tests.services.house import House

ACTIVE, BLOCKED, ABSENT = "996555010203", "996555000000", "996999999999"


class Town(House):
    """The house with a Kyrgyz network in front of it, an active subscriber and a blocked one."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        super().__init__(sessions, clock)
        self.use(opened(OSMP, cancel="txn_id", status=True))
        self.payer = add_subscriber(self.ports, Msisdn(ACTIVE), "correct horse", "Айгуль К.", "KGS")
        blocked = add_subscriber(self.ports, Msisdn(BLOCKED), "correct horse", "Б.", "KGS")
        blocking.block(self.ports, blocked.id, "staff:test", "trial")

    def use(self, *connectors: PaymentConnector) -> None:
        """Put these connectors in front."""
        self.connector = connectors[0]
        self.ports = replace(self.ports, connectors=Connectors(connectors))

    def take(self, request: WireRequest) -> WireResponse:
        """Deliver a request."""
        return notices.take_notice(self.ports, self.connector, replace(request, at=self.clock()))

    def says(self, sent: Mapping[str, str], **changes: str) -> dict[str, str]:
        """Deliver a GET; return the elements of the answer."""
        answer = self.take(get(dict(sent) | changes))
        assert answer.status == 200
        return elements(answer)

    def result(self, sent: Mapping[str, str], **changes: str) -> str:
        """The result code of the answer."""
        return self.says(sent, **changes)["result"]

    def som(self) -> str:
        """What the payer has."""
        with self.ports.sessions.read() as db:
            return str(ledger.purse(db, self.payer.id).balance)
