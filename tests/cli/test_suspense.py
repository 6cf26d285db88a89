"""`k5 bank suspense|assign|close|rules`: what came to nobody is listed, given away, closed. Promise: B13."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from k5web.domain.money import rub
from tests.bank_files import OURS
from tests.cli.conftest import K5
from tests.cli.statements import OWN, came, statement

pytestmark = pytest.mark.usefixtures("subscriber")


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


PAYOUT = came("6001", rub("985.00"), "по Реестру операций от 26.11.2026", payer="АО «Банк-эквайер»")


RULE = ("bank", "rules", "add", "--payer", "банк эквайер", "--words", "реестру операций", "--reason", "payout")


def test_money_of_the_house_is_closed_by_the_number_that_the_import_prints(
    k5: K5, tmp_path: Path, environ: dict[str, str]
) -> None:
    environ["K5_TWO_PERSONS_ABOVE"] = "2000.00"
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
    assert (put["to"], put["reason"], put["actor"]) == ("cash.own", "payout of the acquirer", "staff:a.ivanova")
    assert k5("bank", "close", number, "--undo").stdout == "985.00 RUB waits in suspense again\n"
    assert k5("bank", "assign", number, OWN).exit_code == 0
    assert k5("bank", "close", number, "--reason", "too late").exit_code == 1
    assert k5("bank", "close", number, "--reason", "x y z", "--to", "cash.moon").exit_code == 1
    assert k5("ledger", "verify").exit_code == 0


def test_a_large_sum_leaves_suspense_by_two_persons(k5: K5, tmp_path: Path) -> None:
    """S26: what nobody is known to own is closed by one person only up to the limit."""
    done = k5("bank", "import", statement(tmp_path, came("6001", rub("1000.01"), "?")), "--account", OURS)
    number = done.stdout.split("names no account, payment ")[1].split()[0]
    said = k5("bank", "close", number, "--reason", "payout of the acquirer").stdout
    assert said.startswith("proposal 1 waits for a second person")
    assert k5("bank", "suspense").stdout.endswith("1 payments, 1000.01 RUB wait in suspense\n")


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
