"""The opener: one connector for each partner of the file, by its protocol."""

from collections.abc import Iterable, Mapping

from connectors.qiwi import bill, osmp, payin, pull
from connectors.qiwi.bill import Bill
from connectors.qiwi.osmp import Osmp
from connectors.qiwi.payin import Payin
from connectors.qiwi.pull import Pull
from k5web.config.table import PartnerTable
from k5web.domain.payments.connector import Opening, PaymentConnector
from k5web.errors import WrongKey


def open_connectors(tables: Iterable[Mapping[str, object]], opening: Opening) -> list[PaymentConnector]:
    """Return a connector for each table. Raises: WrongKey."""
    return [_open(table, opening) for table in tables]


def _open(values: Mapping[str, object], opening: Opening) -> PaymentConnector:
    match values.get("protocol"):
        case "osmp":
            return Osmp(PartnerTable(values, osmp.KEYS))
        case "bill":
            return Bill(PartnerTable(values, bill.KEYS), opening)
        case "pull":
            return Pull(PartnerTable(values, pull.KEYS), opening)
        case "payin":
            return Payin(PartnerTable(values, payin.KEYS), opening)
    raise WrongKey(key="protocol", reason="must be osmp, bill, pull or payin")
