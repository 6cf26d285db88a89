"""Rules close what no subscriber paid, and nothing else. Promises: B13, docs/ledger.md."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from k5web.domain.bank.suspense import NOT_OURS, Rule
from k5web.domain.money import rub
from k5web.errors import NotFound, WrongClosing
from k5web.services.bank import closing_rules
from k5web.services.bank.closing import reopen
from k5web.services.bank.statement_import import import_statement
from k5web.services.bank.suspense import closed, suspense
from tests.bank_files import OURS, Came, exchange
from tests.services.bank.payouts import PAYOUT, REASON, in_suspense, on, payout, receive, waiting
from tests.services.house import House


def rule(k5: House, payer: str = "банк эквайер", words: str = "реестру операций") -> Rule:
    return closing_rules.draft(k5.ports, payer, words, REASON, "staff:1")


def test_a_rule_is_shown_with_what_it_would_close_and_closes_nothing_yet(k5: House, tmp_path: Path) -> None:
    number = waiting(k5, tmp_path)
    receive(k5, tmp_path, replace(payout("2"), payer="ООО Другой"), replace(payout("3"), purpose="аренда"))
    found = closing_rules.foresee(k5.ports, [rule(k5)])
    assert ([match.number for match in found.first], found.amount) == ([number], rub("985.00"))
    assert (suspense(k5.ports).count, closing_rules.rules(k5.ports)) == (3, [])


def test_a_rule_in_force_closes_what_waits_and_what_comes(k5: House, tmp_path: Path) -> None:
    waiting(k5, tmp_path)
    kept = closing_rules.add(k5.ports, rule(k5))
    assert closing_rules.add(k5.ports, rule(k5)) == kept, "the same rule twice is one"
    assert closing_rules.apply(k5.ports).count == 1
    done = receive(k5, tmp_path, payout("6002"), Came("7", purpose="за связь"))
    assert ([match.document_no for match in done.closed.first], done.closed.amount) == (["6002"], rub("985.00"))
    assert [put.closing.rule_id for put in closed(k5.ports).first] == [kept.id, kept.id]
    assert suspense(k5.ports).count == 1
    closing_rules.remove(k5.ports, kept.id)
    assert receive(k5, tmp_path, payout("6003")).closed.count == 0
    with pytest.raises(NotFound):
        closing_rules.remove(k5.ports, kept.id)
    k5.assert_sound()


def test_a_dry_run_tells_what_rules_would_close(k5: House, tmp_path: Path) -> None:
    closing_rules.add(k5.ports, rule(k5))
    assert receive(k5, tmp_path, PAYOUT, dry_run=True).closed.amount == rub("985.00")
    assert (in_suspense(k5), closed(k5.ports).count) == (rub("0.00"), 0)


def test_a_rule_leaves_what_names_an_account_and_what_a_person_took_back(k5: House, tmp_path: Path) -> None:
    closing_rules.add(k5.ports, rule(k5, words=""))
    receive(k5, tmp_path, replace(PAYOUT, purpose="л/с 999999"))
    assert suspense(k5.ports).count == 1, "it is somebody's"
    number = receive(k5, tmp_path, payout("2")).closed.first[0].number
    reopen(k5.ports, number, "staff:1")
    assert receive(k5, tmp_path, payout("3")).closed.count == 1
    assert number in [one.payment.number for one in suspense(k5.ports).first]


@pytest.mark.parametrize(
    ("payer", "words", "fits"),
    [
        ("7710140679", "", True),
        ("7710140670", "", False),
        ("БАНК-ЭКВАЙЕР", "", True),
        ("банк эквай", "", False),  # whole words
        ("", "реестру ОПЕРАЦИЙ", True),
        ("", "операций реестру", True),
        ("", "реестру расчётов", False),
        ("7710140679", "аренда", False),
    ],
)
def test_a_rule_fits_by_tax_number_or_words(k5: House, tmp_path: Path, payer: str, words: str, fits: bool) -> None:
    receive(k5, tmp_path, replace(PAYOUT, payer_inn="7710140679"))
    assert closing_rules.foresee(k5.ports, [rule(k5, payer, words)]).count == fits


@pytest.mark.parametrize(("payer", "words"), [("", ""), ("  ", ""), ("«»", ""), ("", "а"), ("б" * 101, "")])
def test_a_rule_that_would_fit_nearly_everything_is_refused(k5: House, payer: str, words: str) -> None:
    with pytest.raises(WrongClosing):
        rule(k5, payer, words)


def test_rules_at_two_imports_at_once_close_each_payment_once(k5: House, tmp_path: Path) -> None:
    closing_rules.add(k5.ports, rule(k5))
    path = tmp_path / "many.txt"
    path.write_bytes(exchange([payout(str(n)) for n in range(30)]))
    with ThreadPoolExecutor(2) as crowd:
        both = list(crowd.map(lambda _: import_statement(k5.ports, path, [OURS]), range(2)))
    assert sum(done.closed.count for done in both) == 30
    assert (closed(k5.ports).count, in_suspense(k5), on(k5, NOT_OURS)) == (30, rub("0.00"), rub("29550.00"))
    k5.assert_sound()
