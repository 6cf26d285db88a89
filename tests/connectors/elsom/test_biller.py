"""What both dialects of the wallet as a payer share: names, the code to scan, the register, the steps for people."""

from urllib.parse import unquote

import pytest

from connectors.elsom.biller import Biller
from connectors.elsom.connector import open_connectors
from k5web.domain.money import Money
from k5web.domain.payments.connector import Opening, ReadsRegister, ShowsQr
from k5web.domain.payments.payment_way import Explains, Payer
from k5web.errors import WrongKey
from tests.conftest import Clock

TABLES: dict[str, dict[str, object]] = {
    "k5json": {"secrets": ["a-secret"]},
    "osmp4": {"secrets": ["a-secret"], "login": "k5", "service": "7001"},
}


def biller(protocol: str, **keys: object) -> Biller:
    table = {"code": "wallet", "title": "ЭЛСОМ", "protocol": protocol, "currency": "KGS"} | TABLES[protocol] | keys
    [found] = open_connectors([table], Opening("https://t.k5.ru", Clock()))
    assert isinstance(found, Biller)
    return found


@pytest.mark.parametrize("protocol", TABLES)
def test_it_is_named_by_its_partner_and_satisfies_its_ports(protocol: str) -> None:
    found = biller(protocol)
    assert (found.origin, found.address) == ("elsom:wallet", "elsom/wallet")
    for port in (ReadsRegister, ShowsQr, Explains):
        assert isinstance(found, port)


@pytest.mark.parametrize("protocol", TABLES)
def test_its_code_pays_to_the_account_where_the_partner_has_one(protocol: str) -> None:
    assert biller(protocol).qr("1042") == ""
    found = biller(protocol, elqr_acquirer="qr.k5.test", elqr_service="7001").qr("1042", Money.parse("250.00", "KGS"))
    host, payload = unquote(found).split("#")
    assert host == "https://payqr.kg"
    assert "10041042" in payload  # field 10, four characters, the account
    assert "540525000" in payload  # the sum in tyiyn


@pytest.mark.parametrize("protocol", TABLES)
def test_people_are_told_by_its_title_with_their_own_account(protocol: str) -> None:
    way = biller(protocol).explain(Payer(1042, None))
    assert (way.title, way.account) == ("ЭЛСОМ", "1042")


@pytest.mark.parametrize("protocol", TABLES)
def test_its_register_is_the_wallets(protocol: str) -> None:
    rows = ["ELS-1\t24.11.2026\t18:00:00\t1042\t250.00\tP\n", "Total:\t1\t250.00\n"]
    assert [line.key for line in biller(protocol).read_register(rows)] == ["ELS-1"]


@pytest.mark.parametrize("protocol", TABLES)
def test_without_a_secret_it_is_not_opened(protocol: str) -> None:
    with pytest.raises(WrongKey, match="secrets: is missing"):
        biller(protocol, secrets=[])
