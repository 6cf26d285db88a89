"""`k5 bank import|suspense|assign|close|rules`."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from k5web.cli import main
from k5web.domain.money import Money, rub
from tests.bank_files import OURS, Came, exchange, table

K5 = Callable[..., Result]
OWN = "+79161234567"
DAY = "30.11.2020"
FIVE_HUNDRED = rub("500.00")


@pytest.fixture
def k5(sqlite_url: str, tmp_path: Path) -> K5:
    """Run a command of `k5` in a house with one subscriber, 100001."""

    def run(*words: str) -> Result:
        environ = {"K5_DATABASE_URL": sqlite_url, "K5_SECRET_KEY": "k" * 48, "K5_VAR": str(tmp_path / "var")}
        return CliRunner().invoke(main, words, env=environ)

    assert run("subscriber", "add", OWN, "--password", "correct horse").exit_code == 0
    return run


def came(number: str, amount: Money = FIVE_HUNDRED, purpose: str = "", day: str = DAY, **told: str) -> Came:
    """Return a payment of a day that is past, whenever the test runs."""
    return Came(number, amount, purpose, day, **told)


def statement(folder: Path, *payments: Came) -> str:
    path = folder / "statement.txt"
    path.write_bytes(exchange(payments))
    return str(path)


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


def test_what_waits_is_listed_by_number_and_given_to_a_subscriber(k5: K5, tmp_path: Path) -> None:
    k5("bank", "import", statement(tmp_path, came("2", purpose="за связь")), "--account", OURS)
    [waiting] = json.loads(k5("bank", "suspense", "--json").stdout)["payments"]
    assert (waiting["amount"], waiting["purpose"], waiting["why"]) == ("500.00", "за связь", "nobody")
    assert str(waiting["number"]) in k5("bank", "suspense").stdout
    done = k5("bank", "assign", str(waiting["number"]), OWN)
    assert (done.exit_code, done.stdout) == (0, "500.00 RUB is on the account of subscriber 100001\n")
    assert "0 payments" in k5("bank", "suspense").stdout
    assert "balance:   500.00 RUB" in k5("subscriber", "show", OWN).output
    assert k5("bank", "assign", "1", OWN).exit_code == 1


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


def test_a_doubtful_payment_waits_for_one_press(k5: K5, tmp_path: Path) -> None:
    k5("bank", "import", statement(tmp_path, came("1", purpose="л/с 100001")), "--account", OURS)
    others = statement(tmp_path, came("1", purpose="л/с 100002"), came("1", rub("7.00"), "л/с 100001", bic=""))
    for _ in range(2):
        done = k5("bank", "import", others, "--account", OURS)
        assert done.exit_code == 1
        assert "doubtful: line 16: No. 1 of 30.11.2020, 500.00 RUB: known already but for the purpose" in done.stdout
        assert "k5 bank credit 1, or k5 bank join 1" in done.stdout
    listed = k5("bank", "doubtful").stdout
    assert "1  500.00 RUB  No. 1 of 30.11.2020: known already but for the purpose  ООО Ромашка: л/с 100002" in listed
    [doubt] = json.loads(k5("bank", "doubtful", "--json").stdout)["payments"]
    assert (doubt["number"], doubt["differs"]) == (1, "the purpose")
    assert k5("bank", "join", "1").stdout == "1: 500.00 RUB is the payment that is known already\n"
    assert k5("bank", "join", "1").exit_code == 0
    assert k5("bank", "credit", "1").stderr == "k5: payment 1 in doubt is joined already\n"
    assert k5("bank", "credit", "17").exit_code == 1
    assert k5("bank", "import", others, "--account", OURS).exit_code == 0
    assert "0 payments are in doubt" in k5("bank", "doubtful").stdout


def test_doubtful_payments_are_credited_by_their_numbers(k5: K5, tmp_path: Path) -> None:
    paid = [came("1", purpose="л/с 100001"), came("2", rub("7.00"), "?")]
    k5("bank", "import", statement(tmp_path, *paid), "--account", OURS)
    without = [replace(one, bic="") for one in paid]
    assert k5("bank", "import", statement(tmp_path, *without), "--account", OURS).exit_code == 1
    first, second = k5("bank", "credit", "1", "2").stdout.splitlines()
    assert first == "1: 500.00 RUB is on the account of subscriber 100001"
    assert second.startswith("2: 7.00 RUB is in suspense as ")
    assert k5("bank", "credit", "2").stdout == "2: credited before\n"
    assert "balance:   1000.00 RUB" in k5("subscriber", "show", OWN).output
    assert k5("bank", "import", statement(tmp_path, *without), "--account", OURS).exit_code == 0
    assert k5("ledger", "verify").exit_code == 0


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


PAYOUT = came("6001", rub("985.00"), "по Реестру операций от 26.11.2026", payer="АО «Банк-эквайер»")
RULE = ("bank", "rules", "add", "--payer", "банк эквайер", "--words", "реестру операций", "--reason", "payout")


def test_money_of_the_house_is_closed_by_the_number_that_the_import_prints(k5: K5, tmp_path: Path) -> None:
    done = k5("bank", "import", statement(tmp_path, PAYOUT), "--account", OURS)
    number = done.stdout.split("names no account, payment ")[1].split()[0]
    assert k5("bank", "close", number).exit_code == 2
    closed = k5("bank", "close", number, "--reason", "payout of the acquirer")
    assert (closed.exit_code, closed.stdout) == (0, "985.00 RUB went to cash.own: payout of the acquirer\n")
    again = k5("bank", "close", number, "--reason", "payout of the acquirer")
    assert (again.exit_code, again.stdout.split(" on ")[0]) == (0, "985.00 RUB had gone to cash.own")
    refused = k5("bank", "assign", number, OWN)
    assert refused.exit_code == 1
    assert "payout of the acquirer" in refused.stderr
    assert k5("bank", "suspense").stdout == "0 payments, 0.00 RUB wait in suspense\n"
    assert f"{number}  985.00 RUB  No. 6001" in k5("bank", "suspense", "--closed").stdout
    [put] = json.loads(k5("bank", "suspense", "--closed", "--json").stdout)["payments"]
    assert (put["to"], put["reason"], put["actor"]) == ("cash.own", "payout of the acquirer", "staff:k5 bank")
    assert k5("bank", "close", number, "--undo").stdout == "985.00 RUB waits in suspense again\n"
    assert k5("bank", "assign", number, OWN).exit_code == 0
    assert k5("bank", "close", number, "--reason", "too late").exit_code == 1
    assert k5("bank", "close", number, "--reason", "x y z", "--to", "cash.moon").exit_code == 1
    assert k5("ledger", "verify").exit_code == 0


def test_a_rule_is_shown_first_and_acts_after_yes_and_at_imports(k5: K5, tmp_path: Path) -> None:
    k5("bank", "import", statement(tmp_path, PAYOUT, came("2", purpose="за связь")), "--account", OURS)
    shown = k5(*RULE)
    assert shown.exit_code == 0
    assert "would close: " in shown.stdout
    assert "No. 6001" in shown.stdout
    assert "1 payments, 985.00 RUB would be closed. Nothing is changed: add --yes to do it" in shown.stdout
    assert k5("bank", "rules", "list").stdout == "0 rules\n"
    assert "rule 1 is in force; closed: 1 payments, 985.00 RUB" in k5(*RULE, "--yes").stdout
    file = statement(tmp_path, replace(PAYOUT, number="6002", payer_account="30232810000000006002"))
    foreseen = k5("bank", "import", file, "--account", OURS, "--dry-run").stdout
    assert "would be closed by rules, of all that waits: 1, 985.00 RUB" in foreseen
    done = k5("bank", "import", file, "--account", OURS).stdout
    assert "(rule 1: payout)" in done
    assert "closed by rules, of all that waits: 1, 985.00 RUB" in done
    [rule] = json.loads(k5("bank", "rules", "list", "--json").stdout)["rules"]
    assert (rule["payer"], rule["words"], rule["to"]) == ("банк эквайер", "реестру операций", "cash.own")
    assert (k5("bank", "rules", "remove", "1").exit_code, k5("bank", "rules", "remove", "1").exit_code) == (0, 1)
    assert k5("bank", "rules", "add", "--reason", "nothing asked").exit_code == 1
    assert k5("ledger", "verify").exit_code == 0


def test_suspense_says_when_it_is_cut_and_filters(k5: K5, tmp_path: Path) -> None:
    many = [came(str(n + 1), rub("1.00"), "за связь") for n in range(120)]
    k5("bank", "import", statement(tmp_path, *many, PAYOUT), "--account", OURS)
    first = k5("bank", "suspense").stdout
    assert "121 payments, 1105.00 RUB wait in suspense\nthis is page 1 of 2; the next: --page 2\n" in first
    second = json.loads(k5("bank", "suspense", "--page", "2", "--json").stdout)
    assert (second["count"], second["page"], second["pages"], len(second["payments"])) == (121, 2, 2, 21)
    assert k5("bank", "suspense", "--page", "3").exit_code == 1
    filters = (("--payer", "эквайер"), ("--sum", "985.00"), ("--words", "реестру"), ("--day", "2020-11-30"))
    for option, value in filters:
        found = json.loads(k5("bank", "suspense", option, value, "--json").stdout)
        assert found["count"] == (121 if option == "--day" else 1), option
    assert k5("bank", "suspense", "--older", "36500").stdout.startswith("0 payments")
    for option in ("--day", "--sum"):
        assert k5("bank", "suspense", option, "soon").exit_code == 2
