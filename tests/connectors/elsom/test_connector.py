"""The opener of the wallet's connectors: each partner speaks by its protocol, and no other is opened."""

import pytest

from connectors.elsom.connector import open_connectors
from connectors.elsom.k5json import JsonBiller
from connectors.elsom.merchant import Merchant
from connectors.elsom.osmp4 import XmlBiller
from k5web.domain.payments.connector import Opening
from k5web.errors import WrongKey
from tests.conftest import Clock

COMMON: dict[str, object] = {"currency": "KGS", "secrets": ["a-secret"]}
JSON = COMMON | {"code": "json", "protocol": "k5json"}
XML = COMMON | {"code": "xml", "protocol": "osmp4", "login": "k5", "service": "7001"}
MERCHANT = COMMON | {"code": "m", "protocol": "merchant", "base_url": "https://wallet.example", "password": "p"}
MERCHANT |= {"partner_code": "00001", "msisdn": "0555000001"}
OPENING = Opening("https://t.k5.ru", Clock())


def test_each_partner_gets_the_connector_of_its_protocol() -> None:
    opened = open_connectors([JSON, XML, MERCHANT], OPENING)
    assert [type(connector) for connector in opened] == [JsonBiller, XmlBiller, Merchant]
    assert [connector.origin for connector in opened] == ["elsom:json", "elsom:xml", "elsom:m"]
    assert open_connectors([], OPENING) == []


@pytest.mark.parametrize("protocol", ["osmp", "K5JSON", "", None, 4])
def test_a_protocol_that_is_not_the_wallets_stops_the_start(protocol: object) -> None:
    with pytest.raises(WrongKey, match="protocol: must be osmp4, k5json or merchant"):
        open_connectors([JSON | {"protocol": protocol}], OPENING)


@pytest.mark.parametrize(
    ("table", "key"), [(JSON, "base_url"), (JSON, "password"), (XML, "partner_code"), (MERCHANT, "login")]
)
def test_a_key_of_another_protocol_stops_the_start(table: dict[str, object], key: str) -> None:
    with pytest.raises(WrongKey, match=f"{key}: is not a key of protocol {table['protocol']}"):
        open_connectors([table | {key: "x"}], OPENING)
