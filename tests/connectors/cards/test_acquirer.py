"""An acquirer's table of the partners' file: what it must say, what it may not, and that its secrets stay inside."""

import pytest

from connectors import OPENERS
from connectors.cards import acquirer
from k5web.domain.payments.connector import Opening
from k5web.errors import WrongKey
from tests.conftest import Clock
from tests.connectors.cards.acquirer import PATH, PUBLIC_URL, RECEIPT, TOKEN, acquirer_table, open_one


def test_the_names_of_an_acquirer_s_payments_and_of_its_address(clock: Clock) -> None:
    connector = open_one(acquirer_table(), clock)
    assert (connector.code, connector.origin, connector.address) == ("cards", "cards:demo", f"cards/{PATH}")
    assert connector.pauses_s() == (60, 120, 420, 600, 300, 3600)


def test_looks_are_at_1_3_10_20_and_25_minutes_and_then_hourly(clock: Clock) -> None:
    *early, hourly = open_one(acquirer_table(), clock).pauses_s()
    assert [sum(early[:count]) // 60 for count in range(1, 6)] == [1, 3, 10, 20, 25]
    assert hourly == 3600


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"protocol": "osmp"}, "protocol"),
        ({"base_url": "gw.example"}, "base_url"),
        ({"base_url": "ftp://gw.example"}, "base_url"),
        ({"user": ""}, "user"),
        ({"password": ""}, "password"),
        ({"path": "short"}, "path"),
        ({"path": "with/a/slash/in/the/middle"}, "path"),
        ({"callback_secrets": [""]}, "callback_secrets"),
        ({"checksum": "hmac", "callback_secrets": []}, "callback_secrets"),
        ({"checksum": "rsa"}, "callback_secrets"),
        ({"checksum": "none"}, "callback_secrets"),
        ({"checksum": "md5"}, "checksum"),
        ({"checksum_hash": "md5", "checksum": "rsa"}, "checksum_hash"),
        ({"lifetime_s": 5}, "lifetime_s"),
        ({"sbp": True, "currency": "KGS"}, "sbp"),
        ({"two_stage": "yes"}, "two_stage"),
        ({"receipt": {"inn": "5027119066"}}, "receipt.email"),
        ({"receipt": {**RECEIPT, "tax": "a third"}}, "receipt.tax"),
        ({"receipt": {**RECEIPT, "tax": "123"}}, "receipt.tax"),
        ({"receipt": {**RECEIPT, "tax": "06"}}, "receipt.tax"),
        ({"receipt": {**RECEIPT, "method": "gift"}}, "receipt.method"),
        ({"receipt": {**RECEIPT, "ffd_version": "1.1"}}, "receipt.ffd_version"),
        ({"receipt": {**RECEIPT, "name": "Я" * 101}}, "receipt.name"),
        ({"receipt": {"colour": "red"}}, "receipt.colour"),
        ({"txn_element": "x"}, "txn_element"),
    ],
)
def test_a_wrong_key_is_named(changed: dict[str, object], key: str, clock: Clock) -> None:
    with pytest.raises(WrongKey) as refusal:
        OPENERS["cards"]([acquirer_table(**changed)], Opening(PUBLIC_URL, clock))
    assert refusal.value.facts["key"] == key


def test_no_secret_is_in_what_is_printed(clock: Clock) -> None:
    printed = repr(acquirer.read(acquirer_table(token="t0ken-of-ours")))
    printed += repr(open_one(acquirer_table(), clock).partner) + repr(acquirer.read(acquirer_table()).seals)
    assert not any(secret in printed for secret in ("s3cret-password", TOKEN, PATH, "t0ken-of-ours"))


def test_a_token_stands_for_name_and_password() -> None:
    table = {name: value for name, value in acquirer_table(token="t0ken").items() if name not in {"user", "password"}}
    assert acquirer.read(table).login == {"token": "t0ken"}
    assert acquirer.read(acquirer_table()).login == {"userName": "k5-api", "password": "s3cret-password"}
