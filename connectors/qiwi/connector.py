"""The opener: one connector for each partner of the file, by its protocol."""

from collections.abc import Iterable, Mapping

from connectors.qiwi import bill, osmp, payin, pull
from connectors.qiwi.bill import Bill
from connectors.qiwi.osmp import Osmp
from connectors.qiwi.payin import Payin
from connectors.qiwi.pull import Pull
from k5web.domain.payments.partner import Table
from k5web.domain.payments.top_up import Opening, PaymentConnector
from k5web.errors import WrongPartner


def open_connectors(tables: Iterable[Mapping[str, object]], opening: Opening) -> list[PaymentConnector]:
    """Return a connector for each table. Raises: WrongPartner."""
    return [_open(table, opening) for table in tables]


def _open(values: Mapping[str, object], opening: Opening) -> PaymentConnector:
    match values.get("protocol"):
        case "osmp":
            return Osmp(Table(values, osmp.KEYS))
        case "bill":
            return Bill(Table(values, bill.KEYS), opening)
        case "pull":
            return Pull(Table(values, pull.KEYS), opening)
        case "payin":
            return Payin(Table(values, payin.KEYS), opening)
    raise WrongPartner(key="protocol", reason="must be osmp, bill, pull or payin")
