"""`k5 bank doubtful|credit|join`: payments that may be known already wait for a person's word. Promise: B13."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from k5web.domain.money import rub
from tests.bank_files import OURS
from tests.cli.conftest import K5
from tests.cli.statements import OWN, came, statement

pytestmark = pytest.mark.usefixtures("subscriber")


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
