"""The opener: one connector for each partner of the file, by its protocol."""

from collections.abc import Iterable, Mapping

from connectors.elsom import elqr, k5json, merchant
from connectors.elsom.k5json import JsonBiller
from connectors.elsom.merchant import Merchant
from connectors.elsom.osmp4 import XmlBiller
from k5web.config.table import PartnerTable
from k5web.domain.payments.connector import Opening, PaymentConnector
from k5web.errors import WrongKey

BILLER_KEYS = frozenset({"login", "service", *elqr.KEYS})


def open_connectors(tables: Iterable[Mapping[str, object]], opening: Opening) -> list[PaymentConnector]:
    """Return a connector for each table. Raises: WrongKey."""
    return [_open(table, opening) for table in tables]


def _open(values: Mapping[str, object], opening: Opening) -> PaymentConnector:
    match values.get("protocol"):
        case "osmp4":
            return XmlBiller(PartnerTable(values, BILLER_KEYS))
        case "k5json":
            return JsonBiller(PartnerTable(values, BILLER_KEYS | k5json.KEYS))
        case "merchant":
            return Merchant(PartnerTable(values, merchant.KEYS), opening)
    raise WrongKey(key="protocol", reason="must be osmp4, k5json or merchant")
