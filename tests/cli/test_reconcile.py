"""`k5 reconcile` and `k5 payment`: every provider's register against the ledger; a payment found by its names."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import open_ports
from k5web.cli import main
from k5web.config.settings import Settings
from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.payments import notices, topups
from k5web.services.ports import Ports
from tests.conftest import Clock
from tests.connectors.cards.acquirer import acquirer_table
from tests.connectors.qiwi.wire_requests import OSMP, PAY, elements, get

MERCHANT = {"code": "wallet", "protocol": "k5json", "currency": "KGS", "allowed": ["127.0.0.1/32"], "secrets": ["s"]}
TABLES: Mapping[str, Mapping[str, object]] = {"qiwi": OSMP, "elsom": MERCHANT, "cards": acquirer_table()}

# Of each provider: origin, currency, a register of two payments and one that went back where it knows that
REGISTERS = {
    "qiwi": (
        "qiwi:optima",
        "KGS",
        "7001\t20.11.2026\t14:30:05\t996555010203\t250.00\r\n7002\t20.11.2026\t14:31:40\t996700111222\t100.00\r\n"
        "Total:\t2\t350.00\r\n",
    ),
    "elsom": (
        "elsom:wallet",
        "KGS",
        "7001\t20.11.2026\t18:00:00\tK5-1042\t250.00\tP\n7002\t20.11.2026\t18:04:11\tK5-1077\t100.00\tP\n"
        "Total:\t2\t350.00\n",
    ),
    "cards": (
        "cards:demo",
        "RUB",
        "date;operation;mdOrder;orderNumber;amount;currency\n"
        "2026-11-20T12:00:08+03:00;deposited;7001;K5-1-1;25000;643\n"
        "2026-11-20T12:01:08+03:00;deposited;7002;K5-1-2;10000;643\ntotal;2;35000\n",
    ),
}
PAID_AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

K5 = Callable[..., Result]


@pytest.fixture
def environ(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    """A house with a partner of each provider."""
    text = [
        f"[[{connector}]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        for connector, table in TABLES.items()
    ]
    (tmp_path / "partners.toml").write_text("\n".join(text))
    secret = {"K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)}
    return {"K5_DATABASE_URL": sqlite_url, "K5_CONNECTORS": str(tmp_path / "partners.toml")} | secret


@pytest.fixture
def ports(environ: dict[str, str], clock: Clock) -> Iterator[Ports]:
    """What the command works with, the day after the payments."""
    clock.now = PAID_AT + timedelta(days=1)
    found = open_ports(Settings.from_env(environ))
    yield found
    found.sessions.dispose()


@pytest.fixture
def k5(environ: dict[str, str]) -> K5:
    """Run a command of `k5`."""
    return lambda *words: CliRunner().invoke(main, words, env=environ)


def credit(ports: Ports, origin: str, currency: str, key: str, amount: str) -> int:
    """Credit a payment to a subscriber of its own; return who that is."""
    phone = Msisdn(f"7916123{key}")
    owner = add_subscriber(ports, phone, "correct horse", "Анна", currency)
    topups.credit(
        ports, owner.id, EventName(origin, key), Money.parse(amount, currency), "cash.test", "connector:test", PAID_AT
    )
    return owner.id


@pytest.mark.parametrize("provider", REGISTERS)
def test_registers_of_every_provider_agree_or_name_the_difference(
    k5: K5, ports: Ports, tmp_path: Path, provider: str
) -> None:
    origin, currency, text = REGISTERS[provider]
    path = tmp_path / "register.csv"
    path.write_text(text, newline="")
    credit(ports, origin, currency, "7001", "250.00")
    differs = k5("reconcile", origin, str(path), "--json")
    assert differs.exit_code == 1
    told = json.loads(differs.stdout)
    missing = {"verdict": "missing_here", "key": "7002", "theirs": f"100.00 {currency}", "ours": None}
    assert told["agrees"] is False
    assert [{name: one[name] for name in missing} for one in told["differences"]] == [missing]
    shown = k5("reconcile", origin, str(path))
    assert shown.exit_code == 1
    assert shown.stdout.startswith("missing_here")
    credit(ports, origin, currency, "7002", "100.00")
    agrees = k5("reconcile", origin, str(path))
    assert agrees.exit_code == 0, agrees.output
    assert "confirmed:               2\n" in agrees.stdout


def test_what_cannot_be_reconciled_is_one_sentence(k5: K5, tmp_path: Path) -> None:
    origin, _, text = REGISTERS["qiwi"]
    path = tmp_path / "register.csv"
    path.write_text(text.replace("350.00", "350.01"))
    for words, said in (
        ((origin, str(path)), "line 3: "),
        ((origin, str(tmp_path / "absent")), "No such file"),
        (("qiwi:nobody", str(path)), "there are: cards:demo, elsom:wallet, qiwi:optima"),
    ):
        refused = k5("reconcile", *words)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert said in refused.stderr


def test_staff_find_a_payment_by_its_key_and_by_its_number(k5: K5, ports: Ports) -> None:
    """C3: the payer reads a number off the receipt, the operator finds the payment."""
    owner_id = credit(ports, "elsom:wallet", "KGS", "7001", "250.00")
    by_key = k5("payment", "find", "7001")
    assert by_key.exit_code == 0, by_key.output
    facts = dict(line.split(":", 1) for line in by_key.stdout.splitlines())
    assert (facts["account"].strip(), facts["sum"].strip()) == (str(owner_id), "250.00 KGS")
    assert facts["not gone back"].strip() == "250.00 KGS"
    assert k5("payment", "find", facts["number"].strip()).stdout == by_key.stdout
    nobody = k5("payment", "find", "7009")
    assert nobody.exit_code == 1
    assert "there is no payment '7009'" in nobody.stderr


def test_a_payment_that_only_the_register_has_is_credited_under_the_providers_name(k5: K5, ports: Ports) -> None:
    """So that its notice, however late, gets the first answer and moves nothing (R21)."""
    owner = add_subscriber(ports, Msisdn(PAY["account"]), "correct horse", "Анна", "KGS")
    words = ("payment", "credit", "qiwi:optima", PAY["txn_id"], str(owner.id), PAY["sum"])
    first = k5(*words)
    assert (first.exit_code, first.stdout) == (0, "credited, the balance is 250.00 KGS\n"), first.output
    assert k5(*words).stdout == "credited before, the balance is 250.00 KGS\n"
    connector = ports.connectors.of("qiwi:optima")
    assert connector is not None
    assert elements(notices.take_notice(ports, connector, get(PAY)))["result"] == "0"
    assert str(accounts.purse(ports, owner.id).balance) == "250.00"
    for wrong, said in (
        (("qiwi:nobody", "1", str(owner.id), "1.00"), "there is no partner 'qiwi:nobody'"),
        (("qiwi:optima", PAY["txn_id"], str(owner.id), "251.00"), "other"),
        (("cards:demo", "1", str(owner.id), "1.00"), "RUB"),
    ):
        refused = k5("payment", "credit", *wrong)
        assert refused.exit_code == 1
        assert said in refused.stderr
    assert k5("payment", "credit", "qiwi:optima", "", str(owner.id), "1.00").exit_code == 2
    assert str(accounts.purse(ports, owner.id).balance) == "250.00"


def test_a_top_up_is_found_by_its_code_and_reference_and_cannot_go_back_unpaid(k5: K5, ports: Ports) -> None:
    owner = add_subscriber(ports, Msisdn("79161234567"), "correct horse", "Анна", "KGS")
    wish = topups.TopUpRequest("elsom:wallet", Money.parse("250.00", "KGS"), "form", "")
    top_up = topups.begin(ports, owner, wish)
    for name in (top_up.code, top_up.reference):
        found = k5("payment", "find", name)
        assert f"{top_up.reference} waiting" in found.stdout, found.output
    refused = k5("payment", "refund", top_up.reference, "250.00")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("k5: ")
