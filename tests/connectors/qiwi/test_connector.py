"""The opener of QIWI's connectors: each partner speaks by its protocol, and no other is opened."""

import pytest

from connectors.qiwi.bill import Bill
from connectors.qiwi.connector import open_connectors
from connectors.qiwi.osmp import Osmp
from connectors.qiwi.payin import Payin
from connectors.qiwi.pull import Pull
from k5web.domain.payments.connector import Opening
from k5web.errors import WrongKey
from tests.conftest import Clock
from tests.connectors.qiwi.wire_requests import BILL, OSMP, PAYIN, PULL

OPENING = Opening("https://t.k5.ru", Clock())


def test_each_partner_gets_the_connector_of_its_protocol() -> None:
    opened = open_connectors([OSMP, BILL, PULL, PAYIN], OPENING)
    assert [type(connector) for connector in opened] == [Osmp, Bill, Pull, Payin]
    assert [connector.origin for connector in opened] == ["qiwi:optima", "qiwi:bill", "qiwi:pull", "qiwi:payin"]
    assert open_connectors([], OPENING) == []


@pytest.mark.parametrize("protocol", ["osmp4", "BILL", "", None, 1])
def test_a_protocol_that_is_not_qiwis_stops_the_start(protocol: object) -> None:
    with pytest.raises(WrongKey, match="protocol: must be osmp, bill, "):
        open_connectors([OSMP, BILL | {"protocol": protocol}], OPENING)


@pytest.mark.parametrize(("table", "key"), [(OSMP, "base_url"), (BILL, "login"), (PULL, "api_key"), (PAYIN, "cancel")])
def test_a_key_of_another_protocol_stops_the_start(table: dict[str, object], key: str) -> None:
    with pytest.raises(WrongKey, match=f"{key}: is not a key of protocol {table['protocol']}"):
        open_connectors([table | {key: "x"}], OPENING)
