"""Money in suspense that is no subscriber's leaves it once, by a person or a rule. Promises: B13, docs/ledger.md."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from k5web.domain.bank.suspense import NOT_OURS, Rule, Sought
from k5web.domain.books.ledger import HOUSE, EventName
from k5web.domain.money import Money, rub
from k5web.errors import ClosedAlready, GivenAlready, K5Error, NotFound, WrongClosing
from k5web.services.bank import closing_rules
from k5web.services.bank.closing import close, reopen
from k5web.services.bank.statement_import import BankImport, import_statement
from k5web.services.bank.suspense import PAGE, assign, closed, suspense
from k5web.services.books import corrections
from tests.bank_files import OURS, Came, exchange
from tests.services.house import House

PAYOUT = Came("6001", rub("985.00"), "Перевод средств по договору № 5 по Реестру операций", payer="АО «Банк-эквайер»")
REASON = "payout of the acquirer"


def payout(number: str) -> Came:
    """Another one: its account differs too, else it would be doubtful."""
    return replace(PAYOUT, number=number, payer_account=f"30232810{number:0>12}")


def take(k5: House, folder: Path, *payments: Came, dry_run: bool = False) -> BankImport:
    path = folder / "statement.txt"
    path.write_bytes(exchange(payments))
    return import_statement(k5.ports, path, [OURS], dry_run)


def waiting(k5: House, folder: Path, payment: Came = PAYOUT) -> int:
    """Bring a payment into suspense and return its number."""
    take(k5, folder, payment)
    return suspense(k5.ports).first[-1].payment.number


def on(k5: House, house: str) -> Money:
    """What a house account has: the other side of all postings against it."""
    with k5.ports.sessions.read() as db:
        query = text("SELECT coalesce(sum(amount_minor), 0) FROM journal WHERE side = :house")
        return Money(int(db.scalar(query, {"house": house}) or 0))


def in_suspense(k5: House) -> Money:
    with k5.ports.sessions.read() as db:
        query = text("SELECT balance_minor FROM account WHERE owner_id = 0 AND purpose = 'suspense'")
        return Money(int(db.scalar(query) or 0))


def test_what_is_closed_goes_to_the_house_with_who_why_and_when(k5: House, tmp_path: Path) -> None:
    number = waiting(k5, tmp_path)
    done = close(k5.ports, number, REASON, "staff:1")
    assert (done.is_new, in_suspense(k5), on(k5, NOT_OURS)) == (True, rub("0.00"), rub("985.00"))
    assert on(k5, "cash.bank") == -rub("985.00"), "it came to the bank all the same"
    [put] = closed(k5.ports).first
    facts = put.closing.reason, put.closing.actor, put.closing.closed_at, put.closing.house
    assert facts == (REASON, "staff:1", k5.clock(), NOT_OURS)
    assert (put.payment.number, suspense(k5.ports).count) == (number, 0)
    k5.assert_sound()


def test_the_same_closing_again_changes_nothing_and_another_is_refused(k5: House, tmp_path: Path) -> None:
    number = waiting(k5, tmp_path)
    first = close(k5.ports, number, REASON, "staff:1")
    k5.clock.forward(hours=1)
    again = close(k5.ports, number, f" {REASON} ", "staff:2")
    assert (again.is_new, again.closing) == (False, first.closing)
    with pytest.raises(ClosedAlready, match=REASON):
        close(k5.ports, number, "an own transfer", "staff:1")
    assert take(k5, tmp_path, PAYOUT).known == 1
    assert on(k5, NOT_OURS) == rub("985.00")
    k5.assert_sound()


def test_what_is_closed_is_given_to_nobody_and_what_is_given_is_not_closed(k5: House, tmp_path: Path) -> None:
    number = waiting(k5, tmp_path)
    close(k5.ports, number, REASON, "staff:1")
    with pytest.raises(ClosedAlready):
        assign(k5.ports, number, k5.caller.id, "staff:1")
    other = waiting(k5, tmp_path, payout("6002"))
    assign(k5.ports, other, k5.caller.id, "staff:1")
    with pytest.raises(GivenAlready):
        close(k5.ports, other, REASON, "staff:1")
    with pytest.raises(GivenAlready):
        reopen(k5.ports, other, "staff:1")
    with pytest.raises(NotFound):
        close(k5.ports, 17, REASON, "staff:1")
    assert (k5.balance(), on(k5, NOT_OURS), in_suspense(k5)) == (rub("985.00"), rub("985.00"), rub("0.00"))
    k5.assert_sound()


def test_a_closing_is_taken_back_and_the_money_has_every_way_again(k5: House, tmp_path: Path) -> None:
    number = waiting(k5, tmp_path)
    with pytest.raises(NotFound):
        reopen(k5.ports, number, "staff:1")
    for _ in range(2):
        close(k5.ports, number, REASON, "staff:1")
        assert [reopen(k5.ports, number, "staff:1").is_new for _ in range(2)] == [True, False]
        assert (in_suspense(k5), on(k5, NOT_OURS), suspense(k5.ports).count) == (rub("985.00"), rub("0.00"), 1)
        k5.assert_sound()
    assign(k5.ports, number, k5.caller.id, "staff:1")
    assert (k5.balance(), in_suspense(k5), closed(k5.ports).count) == (rub("985.00"), rub("0.00"), 0)
    k5.assert_sound()


def test_the_ledgers_own_reversal_takes_a_closing_back_too(k5: House, tmp_path: Path) -> None:
    number = waiting(k5, tmp_path)
    event = close(k5.ports, number, REASON, "staff:1").closing.event
    corrections.reverse(k5.ports, HOUSE, EventName("close", event), "staff:1")
    assert [one.payment.number for one in suspense(k5.ports).first] == [number]
    k5.assert_sound()


def test_who_assigns_and_who_closes_at_once_take_turns(k5: House, tmp_path: Path) -> None:
    numbers = [waiting(k5, tmp_path, payout(str(n))) for n in range(1, 7)]
    ways: list[Callable[[int], object]] = [
        lambda number: close(k5.ports, number, REASON, "staff:1").is_new,
        lambda number: assign(k5.ports, number, k5.caller.id, "staff:2"),
    ]

    def attempt(way: int, number: int) -> bool:
        try:
            ways[way](number)
        except (ClosedAlready, GivenAlready):
            return False
        return True

    with ThreadPoolExecutor(4) as crowd:
        tries = [crowd.submit(attempt, n % 2, number) for number in numbers for n in range(4)]
        assert sum(one.result() for one in tries) == 2 * len(numbers), "each is closed, or given: the same twice"
    assert (k5.balance() + on(k5, NOT_OURS), in_suspense(k5)) == (rub("5910.00"), rub("0.00"))
    k5.assert_sound()


@pytest.mark.parametrize(
    ("reason", "house"), [("", NOT_OURS), ("x" * 201, NOT_OURS), (REASON, "cash.moon"), (REASON, "sale.call")]
)
def test_money_leaves_with_a_reason_and_to_a_house_account_that_fits(
    k5: House, tmp_path: Path, reason: str, house: str
) -> None:
    number = waiting(k5, tmp_path)
    with pytest.raises(WrongClosing):
        close(k5.ports, number, reason, "staff:1", house)
    assert in_suspense(k5) == rub("985.00")


def rule(k5: House, payer: str = "банк эквайер", words: str = "реестру операций") -> Rule:
    return closing_rules.draft(k5.ports, payer, words, REASON, "staff:1")


def test_a_rule_is_shown_with_what_it_would_close_and_closes_nothing_yet(k5: House, tmp_path: Path) -> None:
    number = waiting(k5, tmp_path)
    take(k5, tmp_path, replace(payout("2"), payer="ООО Другой"), replace(payout("3"), purpose="аренда"))
    found = closing_rules.foresee(k5.ports, [rule(k5)])
    assert ([match.number for match in found.first], found.amount) == ([number], rub("985.00"))
    assert (suspense(k5.ports).count, closing_rules.rules(k5.ports)) == (3, [])


def test_a_rule_in_force_closes_what_waits_and_what_comes(k5: House, tmp_path: Path) -> None:
    waiting(k5, tmp_path)
    kept = closing_rules.add(k5.ports, rule(k5))
    assert closing_rules.add(k5.ports, rule(k5)) == kept, "the same rule twice is one"
    assert closing_rules.apply(k5.ports).count == 1
    done = take(k5, tmp_path, payout("6002"), Came("7", purpose="за связь"))
    assert ([match.document_no for match in done.closed.first], done.closed.amount) == (["6002"], rub("985.00"))
    assert [put.closing.rule_id for put in closed(k5.ports).first] == [kept.id, kept.id]
    assert suspense(k5.ports).count == 1
    closing_rules.remove(k5.ports, kept.id)
    assert take(k5, tmp_path, payout("6003")).closed.count == 0
    with pytest.raises(NotFound):
        closing_rules.remove(k5.ports, kept.id)
    k5.assert_sound()


def test_a_dry_run_tells_what_rules_would_close(k5: House, tmp_path: Path) -> None:
    closing_rules.add(k5.ports, rule(k5))
    assert take(k5, tmp_path, PAYOUT, dry_run=True).closed.amount == rub("985.00")
    assert (in_suspense(k5), closed(k5.ports).count) == (rub("0.00"), 0)


def test_a_rule_leaves_what_names_an_account_and_what_a_person_took_back(k5: House, tmp_path: Path) -> None:
    closing_rules.add(k5.ports, rule(k5, words=""))
    take(k5, tmp_path, replace(PAYOUT, purpose="л/с 999999"))
    assert suspense(k5.ports).count == 1, "it is somebody's"
    number = take(k5, tmp_path, payout("2")).closed.first[0].number
    reopen(k5.ports, number, "staff:1")
    assert take(k5, tmp_path, payout("3")).closed.count == 1
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
    take(k5, tmp_path, replace(PAYOUT, payer_inn="7710140679"))
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


def test_what_waits_is_paged_and_says_how_much_there_is(k5: House, tmp_path: Path) -> None:
    take(k5, tmp_path, *(Came(str(n), rub("1.00"), "за связь") for n in range(1, PAGE + 6)))
    first, second = (suspense(k5.ports, page=page) for page in (1, 2))
    assert (len(first.first), len(second.first), first.count, first.pages) == (PAGE, 5, PAGE + 5, 2)
    assert first.amount == second.amount == rub(f"{PAGE + 5}.00")
    assert not {one.payment.number for one in first.first} & {one.payment.number for one in second.first}
    with pytest.raises(NotFound):
        suspense(k5.ports, page=3)


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        (Sought(), ["1", "2", "3"]),
        (Sought(payer="ромашка"), ["1"]),
        (Sought(payer="7708789018"), ["2"]),
        (Sought(words="связь"), ["1", "2"]),
        (Sought(amount=rub("7.00")), ["3"]),
        (Sought(day=date(2026, 11, 20)), ["3"]),
        (Sought(older_than_days=11), ["3"]),
        (Sought(older_than_days=12), []),
        (Sought(words="связь", payer="ип лютик"), ["2"]),
    ],
)
def test_what_waits_is_found_by_payer_sum_day_words_and_age(
    k5: House, tmp_path: Path, sought: Sought, found: list[str]
) -> None:
    """Tuesday, 1 December, it is."""
    come = Came("1", rub("5.00"), "за связь")
    take(k5, tmp_path, come, replace(come, number="2", payer="ИП Лютик", payer_inn="7708789018"))
    take(k5, tmp_path, Came("3", rub("7.00"), "прочее", "20.11.2026", payer="АО Банк"))
    assert sorted(one.payment.document_no for one in suspense(k5.ports, sought).first) == found


def test_every_refusal_is_one_of_ours(k5: House) -> None:
    for number in (0, -1, 10**30):
        with pytest.raises(K5Error):
            close(k5.ports, number, REASON, "staff:1")
