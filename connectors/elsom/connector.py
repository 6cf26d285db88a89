"""The opener: one connector for each partner of the file, by its protocol."""

from collections.abc import Iterable, Mapping

from connectors.elsom import elqr, k5json, merchant
from connectors.elsom.k5json import JsonBiller
from connectors.elsom.merchant import Merchant
from connectors.elsom.osmp4 import XmlBiller
from k5web.domain.payments.partner import Table
from k5web.domain.payments.top_up import Opening, PaymentConnector
from k5web.errors import WrongPartner

BILLER_KEYS = frozenset({"login", "service", *elqr.KEYS})


def open_connectors(tables: Iterable[Mapping[str, object]], opening: Opening) -> list[PaymentConnector]:
    """Return a connector for each table. Raises: WrongPartner."""
    return [_open(table, opening) for table in tables]


def _open(values: Mapping[str, object], opening: Opening) -> PaymentConnector:
    match values.get("protocol"):
        case "osmp4":
            return XmlBiller(Table(values, BILLER_KEYS))
        case "k5json":
            return JsonBiller(Table(values, BILLER_KEYS | k5json.KEYS))
        case "merchant":
            return Merchant(Table(values, merchant.KEYS), opening)
    raise WrongPartner(key="protocol", reason="must be osmp4, k5json or merchant")
