"""`k5 reconcile`: every provider's register against the ledger (R21)."""

import json
from pathlib import Path

import pytest

from k5web.services.ports import Ports
from tests.cli.conftest import K5
from tests.cli.payments import credit

pytestmark = pytest.mark.usefixtures("ports")

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
