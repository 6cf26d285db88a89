"""`k5 bank import`: what a statement brought, what is doubted, what is refused. Promise: B13."""

import json
from pathlib import Path

import pytest

from k5web.domain.money import rub
from tests.bank_files import OURS, table
from tests.cli.conftest import K5
from tests.cli.statements import OWN, came, statement

pytestmark = pytest.mark.usefixtures("subscriber")


def test_a_statement_is_credited_shown_and_repeated_without_harm(k5: K5, tmp_path: Path) -> None:
    file = statement(tmp_path, came("1", purpose="л/с 100001"), came("2", purpose="?"), came("3").outgoing())
    done = k5("bank", "import", file, "--account", OURS)
    assert done.exit_code == 0, done.output
    assert "suspense: line 29: No. 2 of 30.11.2020, 500.00 RUB: names no account" in done.stdout
    assert "credited: 1, 500.00 RUB" in done.stdout
    assert "left out: 1 outgoing" in done.stdout
    assert "bank: 100 %" in done.stderr
    again = json.loads(k5("bank", "import", file, "--account", OURS, "--json").stdout)
    assert (again["credited"]["count"], again["known"]) == (0, 2)
    assert k5("ledger", "verify").exit_code == 0


def test_a_dry_run_moves_nothing(k5: K5, tmp_path: Path) -> None:
    file = statement(tmp_path, came("1", purpose="л/с 100001"))
    assert "would be credited: 1, 500.00 RUB" in k5("bank", "import", file, "--account", OURS, "--dry-run").stdout
    assert "balance:   0.00 RUB" in k5("subscriber", "show", OWN).output


def test_a_damaged_file_is_a_sentence_with_its_line_and_1(k5: K5, tmp_path: Path) -> None:
    path = Path(statement(tmp_path, came("1")))
    path.write_bytes(path.read_bytes().replace("Номер=1".encode("cp1251"), "Номер=".encode("cp1251") + b"\x98"))
    refused = k5("bank", "import", str(path), "--account", OURS)
    assert refused.exit_code == 1
    assert refused.stderr.endswith("k5: line 17: letters that cannot be read\n")


def test_a_file_that_nothing_proves_whole_is_credited_and_doubted(k5: K5, tmp_path: Path) -> None:
    """Unless a person says what the bank's own page shows."""
    path = tmp_path / "table.csv"
    path.write_bytes(table([came("1", purpose="л/с 100001")]))
    done = k5("bank", "import", str(path), "--account", OURS)
    assert (done.exit_code, "doubt: no totals of the account" in done.stdout) == (1, True)
    assert k5("bank", "import", str(path), "--account", OURS, "--received", "500,00").exit_code == 0
    wrong = k5("bank", "import", str(path), "--account", OURS, "--received", "500.01")
    assert (wrong.exit_code, "500.01 received as you say" in wrong.stderr) == (1, True)
    assert k5("bank", "import", str(path), "--account", OURS, "--received", "all").exit_code == 2


def test_a_large_sum_is_asked_about(k5: K5, tmp_path: Path) -> None:
    file = statement(tmp_path, came("1", rub("1000000.01"), "л/с 100001"), came("2", rub("1000000.00"), "л/с 100001"))
    asked = k5("bank", "import", file, "--account", OURS)
    assert (asked.exit_code, asked.stdout) == (1, "")
    assert "line 16: 1000000.01 is above 1000000.00 RUB: compare it with the bank, and say --yes" in asked.stderr
    assert "credited: 2" in k5("bank", "import", file, "--account", OURS, "--yes").stdout


def test_what_was_read_leniently_is_counted(k5: K5, tmp_path: Path) -> None:
    path = Path(statement(tmp_path, came("1", purpose="л/с 100001"), came("2").outgoing()))
    path.write_bytes(path.read_bytes().replace("Номер=2".encode("cp1251"), b"") + bytes(90))
    done = k5("bank", "import", str(path), "--account", OURS)
    assert done.exit_code == 0
    assert "read leniently: 1 outgoing documents without a number, a day or a sum" in done.stdout
    assert "read leniently: 1 lines of padding" in done.stdout
    facts = json.loads(k5("bank", "import", str(path), "--account", OURS, "--json").stdout)
    assert facts["leniently"] == {"incomplete": 1, "padding": 1}


def test_foreign_text_reaches_no_terminal_raw(k5: K5, tmp_path: Path) -> None:
    hostile = "\x1b[31mкрасный\x07"
    k5("bank", "import", statement(tmp_path, came("1", purpose=hostile, payer=hostile)), "--account", OURS)
    k5("bank", "import", statement(tmp_path, came("1", purpose=hostile, payer=hostile, bic="")), "--account", OURS)
    for shown in (k5("bank", "suspense"), k5("bank", "doubtful"), k5("bank", "suspense", "--json")):
        assert "\x1b" not in shown.stdout
        assert "\\u001b[31mкрасный\\u0007" in shown.stdout
    assert json.loads(k5("bank", "doubtful", "--json").stdout)["payments"][0]["purpose"] == hostile


def test_without_a_payee_the_account_must_be_named(k5: K5, tmp_path: Path) -> None:
    file = statement(tmp_path, came("1", rub("1.00")))
    assert k5("bank", "import", file).exit_code == 1
    for wrong in ("4070", OURS.replace("810", "840")):
        assert k5("bank", "import", file, "--account", wrong).exit_code == 2
    assert k5("bank", "import", file, "--account", f"{OURS[:5]}.{OURS[5:8]}.{OURS[8:]}").exit_code == 0


def test_a_company_is_known_by_its_tax_number(k5: K5, tmp_path: Path) -> None:
    assert k5("subscriber", "inn", OWN, "7708789019").exit_code == 1
    assert k5("subscriber", "inn", OWN, "7708789018").exit_code == 0
    file = statement(tmp_path, came("1", payer_inn="7708789018", purpose="за связь"))
    assert "credited: 1" in k5("bank", "import", file, "--account", OURS).stdout
