"""`k5 bank import|suspense|assign`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from k5web.cli import main
from k5web.domain.money import rub
from tests.bank_files import OURS, Came, exchange

K5 = Callable[..., Result]
OWN = "+79161234567"


@pytest.fixture
def k5(sqlite_url: str, tmp_path: Path) -> K5:
    """Run a command of `k5` in a house with one subscriber, 100001."""

    def run(*words: str) -> Result:
        environ = {"K5_DATABASE_URL": sqlite_url, "K5_SECRET_KEY": "k" * 48, "K5_VAR": str(tmp_path / "var")}
        return CliRunner().invoke(main, words, env=environ)

    assert run("subscriber", "add", OWN, "--password", "correct horse").exit_code == 0
    return run


def statement(folder: Path, *payments: Came) -> str:
    path = folder / "statement.txt"
    path.write_bytes(exchange(payments))
    return str(path)


def test_a_statement_is_credited_shown_and_repeated_without_harm(k5: K5, tmp_path: Path) -> None:
    file = statement(tmp_path, Came("1", purpose="л/с 100001"), Came("2", purpose="?"), Came("3").outgoing())
    done = k5("bank", "import", file, "--account", OURS)
    assert done.exit_code == 0, done.output
    assert "suspense: line 29: No. 2 of 30.11.2026, 500.00 RUB: names no account" in done.stdout
    assert "credited: 1, 500.00 RUB" in done.stdout
    assert "left out: 1 outgoing" in done.stdout
    assert "bank: 100 %" in done.stderr
    again = json.loads(k5("bank", "import", file, "--account", OURS, "--json").stdout)
    assert (again["credited"]["count"], again["known"]) == (0, 2)
    assert k5("ledger", "verify").exit_code == 0


def test_what_waits_is_listed_by_number_and_given_to_a_subscriber(k5: K5, tmp_path: Path) -> None:
    k5("bank", "import", statement(tmp_path, Came("2", purpose="за связь")), "--account", OURS)
    [waiting] = json.loads(k5("bank", "suspense", "--json").stdout)["payments"]
    assert (waiting["amount"], waiting["purpose"], waiting["why"]) == ("500.00", "за связь", "nobody")
    assert str(waiting["number"]) in k5("bank", "suspense").stdout
    done = k5("bank", "assign", str(waiting["number"]), OWN)
    assert (done.exit_code, done.stdout) == (0, "500.00 RUB is on the account of subscriber 100001\n")
    assert "0 payments" in k5("bank", "suspense").stdout
    assert "balance:   500.00 RUB" in k5("subscriber", "show", OWN).output
    assert k5("bank", "assign", "1", OWN).exit_code == 1


def test_a_dry_run_moves_nothing(k5: K5, tmp_path: Path) -> None:
    file = statement(tmp_path, Came("1", purpose="л/с 100001"))
    assert "would be credited: 1, 500.00 RUB" in k5("bank", "import", file, "--account", OURS, "--dry-run").stdout
    assert "balance:   0.00 RUB" in k5("subscriber", "show", OWN).output


def test_a_damaged_file_is_a_sentence_with_its_line_and_1(k5: K5, tmp_path: Path) -> None:
    path = Path(statement(tmp_path, Came("1")))
    path.write_bytes(path.read_bytes().replace("Номер=1".encode("cp1251"), b"\x98"))
    refused = k5("bank", "import", str(path), "--account", OURS)
    assert refused.exit_code == 1
    assert refused.stderr.endswith("k5: line 17: letters that are not cp1251\n")


def test_a_known_payment_with_another_purpose_needs_a_person(k5: K5, tmp_path: Path) -> None:
    k5("bank", "import", statement(tmp_path, Came("1", purpose="л/с 100001")), "--account", OURS)
    done = k5("bank", "import", statement(tmp_path, Came("1", purpose="л/с 100002")), "--account", OURS)
    assert done.exit_code == 1
    assert "doubtful: line 16" in done.stdout


def test_without_a_payee_the_account_must_be_named(k5: K5, tmp_path: Path) -> None:
    file = statement(tmp_path, Came("1", rub("1.00")))
    assert k5("bank", "import", file).exit_code == 1
    assert k5("bank", "import", file, "--account", "4070").exit_code == 2


def test_a_company_is_known_by_its_tax_number(k5: K5, tmp_path: Path) -> None:
    assert k5("subscriber", "inn", OWN, "7708789019").exit_code == 1
    assert k5("subscriber", "inn", OWN, "7708789018").exit_code == 0
    file = statement(tmp_path, Came("1", payer_inn="7708789018", purpose="за связь"))
    assert "credited: 1" in k5("bank", "import", file, "--account", OURS).stdout
