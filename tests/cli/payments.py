"""A partner of each provider, and payments that came from them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.payments import topups
from k5web.services.ports import Ports
from tests.connectors.cards.acquirer import acquirer_table
from tests.connectors.qiwi.wire_requests import OSMP

MERCHANT = {"code": "wallet", "protocol": "k5json", "currency": "KGS", "allowed": ["127.0.0.1/32"], "secrets": ["s"]}
TABLES: Mapping[str, Mapping[str, object]] = {"qiwi": OSMP, "elsom": MERCHANT, "cards": acquirer_table()}
PAID_AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def credit(ports: Ports, origin: str, currency: str, key: str, amount: str) -> int:
    """Credit a payment to a subscriber of its own; return who that is."""
    phone = Msisdn(f"7916123{key}")
    owner = add_subscriber(ports, phone, "correct horse", "Анна", currency)
    topups.credit(
        ports, owner.id, EventName(origin, key), Money.parse(amount, currency), "cash.test", "connector:test", PAID_AT
    )
    return owner.id
