"""A payment is known however a file tells it, and what differs in one part is shown to a person. Promises: B13."""

import hashlib
import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from k5web.domain.bank.payment import Part, words_of
from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money, rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotFound
from k5web.services.accounts.accounts import add_subscriber, purse
from k5web.services.bank import doubtful_payments
from k5web.services.bank.statement_import import CASH, moment_of
from k5web.services.bank.suspense import assign, suspense
from k5web.services.books.crediting import Credit, credit_in
from k5web.storage.bank import bank_payments
from k5web.storage.bank.bank_payments import KeptPayment
from k5web.storage.books import ledger
from tests.bank_files import BIC, OURS, THEIRS, Came, exchange, table
from tests.services.bank.retelling import ACTOR, PAID, SECOND, Format, outcome, paid, take, to
from tests.services.house import House


@pytest.mark.parametrize(
    "parts",
    [
        {"payer_account": "407.02.810.5.00000000001"},
        {"payer_account": f'="{THEIRS}"'},
        {"payer_account": f"'{THEIRS}"},
        {"payer_account": "40702 8105 0000 0000 001"},
        {"bic": BIC[1:]},
        {"number": "004017"},
        {"number": "№ 4017"},
        {"number": "4017\u00a0"},
        {"purpose": "ЛИЦЕВОЙ СЧЕТ {id} БЕЗ НДС"},
        {"purpose": "Лицевой счет {id}"},
        {"received": "28.11.2026"},
        {"payer": "Ромашка, ООО", "payer_inn": "7708789018"},
    ],
)
def test_a_payment_is_known_in_every_spelling_and_format(k5: House, tmp_path: Path, parts: dict[str, str]) -> None:
    other = paid(k5, **{name: text.format(id=k5.caller.id) for name, text in parts.items()})
    files = [exchange([paid(k5)], "utf-8"), exchange([other], "utf-8"), table([other]), table([paid(k5)])]
    random.Random(str(parts)).shuffle(files)
    assert [outcome(take(k5, tmp_path, file)) for file in files] == [(1, 0, 0)] + 3 * [(0, 1, 0)]
    assert k5.balance() == rub("500.00")


@pytest.mark.parametrize(
    ("parts", "part"),
    [
        ({"number": "1234017"}, Part.NUMBER),
        ({"number": "0"}, Part.NUMBER),
        ({"day": "26.11.2026"}, Part.DAY),
        ({"payer_account": ""}, Part.PAYER),
        ({"payer_account": "40702810500000000002"}, Part.PAYER),
        ({"bic": ""}, Part.BIC),
        ({"bic": "044525594"}, Part.BIC),
        ({"amount": rub("500.01")}, Part.SUM),
        ({"purpose": "За связь"}, Part.PURPOSE),
    ],
)
@pytest.mark.parametrize("format_", [exchange, table])
@pytest.mark.parametrize("is_turned", [False, True])
def test_what_differs_in_one_part_is_kept_and_not_credited(
    k5: House,
    tmp_path: Path,
    parts: dict[str, object],
    part: Part,
    format_: Format,
    is_turned: bool,
) -> None:
    first, second = (paid(k5, **parts), paid(k5)) if is_turned else (paid(k5), paid(k5, **parts))
    assert outcome(take(k5, tmp_path, exchange([first]))) == (1, 0, 0)
    for dry_run in (True, False, False):
        done = take(k5, tmp_path, format_([second]), dry_run=dry_run)
        assert outcome(done) == (0, 0, 1)
    [doubtful] = doubtful_payments.doubtful(k5.ports)
    assert (doubtful.doubt.differs, doubtful.doubt.purpose) == (part.value, second.purpose)
    assert outcome(take(k5, tmp_path, exchange([first]))) == (0, 1, 0)
    k5.assert_sound()


def test_another_number_is_another_payment_in_whatever_file(k5: House, tmp_path: Path) -> None:
    """A bank gives each document of a day a number of its own."""
    files = [exchange([paid(k5)]), exchange([paid(k5, number="4018")]), table([paid(k5, number="9")])]
    assert [outcome(take(k5, tmp_path, file)) for file in files] == 3 * [(1, 0, 0)]


def test_what_one_file_tells_beside_each_other_are_two_payments(k5: House, tmp_path: Path) -> None:
    """With another sum, day or payer, or without a number: a bank tells a payment once."""
    both = [paid(k5), paid(k5, day="26.11.2026"), paid(k5, amount=rub("1.00")), paid(k5, number="")]
    assert outcome(take(k5, tmp_path, exchange(both))) == (4, 0, 0)
    assert outcome(take(k5, tmp_path, table(both))) == (0, 4, 0)
    k5.assert_sound()


@pytest.mark.parametrize("bics", [(BIC, ""), ("", BIC), (BIC, "044525594")])
@pytest.mark.parametrize("between", [0, 150])
def test_one_document_told_twice_in_one_file_with_two_bics_is_credited_once(
    k5: House, tmp_path: Path, bics: tuple[str, str], between: int
) -> None:
    others = [paid(k5, number=str(n), amount=rub("1.00")) for n in range(1, between + 1)]
    twice = [paid(k5, bic=bics[0]), *others, paid(k5, bic=bics[1])]
    for _ in range(2):
        done = take(k5, tmp_path, exchange(twice))
        assert [one.doubt.differs for one in done.doubtful.first if one.doubt] == [Part.BIC.value]
    assert k5.balance() == Money(50000 + 100 * between)
    k5.assert_sound()


def test_the_whole_days_statement_ends_the_doubt_about_a_second_payment(k5: House, tmp_path: Path) -> None:
    other = paid(k5, day="26.11.2026")
    assert outcome(take(k5, tmp_path, exchange([paid(k5)]))) == (1, 0, 0)
    assert outcome(take(k5, tmp_path, exchange([other]))) == (0, 0, 1)
    assert outcome(take(k5, tmp_path, exchange([other, paid(k5)]))) == (1, 1, 0)
    assert doubtful_payments.doubtful(k5.ports) == []
    assert k5.balance() == rub("1000.00")
    assert outcome(take(k5, tmp_path, exchange([paid(k5), other]))) == (0, 2, 0)


def test_where_two_parts_differ_there_are_two_payments(k5: House, tmp_path: Path) -> None:
    files = [paid(k5), paid(k5, day="26.11.2026", amount=rub("1.00")), paid(k5, day="10.11.2026")]
    files += [paid(k5, payer_account="40702810500000000002", purpose="Другое")]
    assert [outcome(take(k5, tmp_path, exchange([one]))) for one in files] == 4 * [(1, 0, 0)]


def test_a_statement_imported_for_another_account_of_ours_is_doubtful(k5: House, tmp_path: Path) -> None:
    """A table does not say whose it is: the account named by mistake would credit a whole day twice."""
    content = table([paid(k5)])
    assert outcome(take(k5, tmp_path, content)) == (1, 0, 0)
    done = take(k5, tmp_path, content, SECOND)
    assert [one.doubt.differs for one in done.doubtful.first if one.doubt] == [Part.ACCOUNT.value]


def test_a_third_spelling_is_compared_with_doubts_as_well(k5: House, tmp_path: Path) -> None:
    for parts in ({}, {"bic": ""}, {"bic": "", "number": "0"}):
        take(k5, tmp_path, exchange([paid(k5, **parts)]))
    assert [one.doubt.differs for one in doubtful_payments.doubtful(k5.ports)] == [Part.BIC.value, Part.NUMBER.value]
    with pytest.raises(NotFound):
        doubtful_payments.join(k5.ports, 17, ACTOR)


def test_a_payment_that_was_given_away_is_known_still(k5: House, tmp_path: Path) -> None:
    take(k5, tmp_path, exchange([paid(k5, purpose="?")]))
    assign(k5.ports, suspense(k5.ports).first[0].payment.number, k5.caller.id, ACTOR)
    assert outcome(take(k5, tmp_path, exchange([paid(k5, purpose="?")]))) == (0, 1, 0)
    assert outcome(take(k5, tmp_path, exchange([paid(k5, purpose="?", bic="")]))) == (0, 0, 1)


def old_row(k5: House, number: str = "4017", account: str = THEIRS, bic: str = BIC, purpose: str = "") -> None:
    """Book a payment word for word as it was booked then: by its raw cells, without what it is compared by now."""
    purpose = purpose or PAID.purpose.format(id=k5.caller.id)
    bare = number.strip().lstrip("0") or "0"
    parts = ("v1", OURS, "2026-11-27", bare, account.replace(" ", ""), bic.strip().zfill(9), "50000")
    digest = hashlib.sha256("|".join(parts).encode()).digest()[:16]
    shown = "".join(sign for sign in number.strip() if sign.isascii() and sign.isalnum())[:12].lstrip("0") or "0"
    name = EventName(f"bank:{OURS}", f"20261127-{shown}-{digest.hex()}-1")
    day, amount = date(2026, 11, 27), rub("500.00")
    with k5.ports.sessions.begin() as db:
        purse = ledger.purse(db, k5.caller.id)
        credit_in(k5.ports, db, Credit(k5.caller.id, purse.account_id, name, amount, CASH, "job:bank", moment_of(day)))
        kept = KeptPayment(k5.caller.id, name, number, day, day, amount, words_of(purpose))
        bank_payments.add(db, kept, k5.ports.clock())


@pytest.mark.parametrize(
    "cells", [("4017", THEIRS, BIC), ("№ 4017", "407.02.810.5.00000000001", BIC[1:]), ("004017", f"'{THEIRS}", "")]
)
def test_a_payment_of_the_old_names_is_known_by_the_same_file(
    k5: House, tmp_path: Path, cells: tuple[str, str, str]
) -> None:
    number, account, bic = cells
    old_row(k5, number, account, bic)
    again = paid(k5, number=number, payer_account=account, bic=bic)
    assert [outcome(take(k5, tmp_path, file)) for file in (exchange([again]), table([again]))] == 2 * [(0, 1, 0)]
    assert k5.balance() == rub("500.00")


@pytest.mark.parametrize(
    "parts",
    [{}, {"payer_account": "40702 810 5 0000 0000001"}, {"bic": ""}, {"number": "004017"}, {"day": "26.11.2026"}],
)
def test_a_payment_of_the_old_names_is_at_least_doubtful_in_another_spelling(
    k5: House, tmp_path: Path, parts: dict[str, str]
) -> None:
    old_row(k5, "№ 4017" if not parts else "4017", "407.02.810.5.00000000001")
    assert outcome(take(k5, tmp_path, exchange([paid(k5, **parts)]))) == (0, 0, 1)
    assert k5.balance() == rub("500.00")


def respelled(chance: random.Random, one: Came) -> Came:
    """Return the payment as some program would write it; some do not tell the number, the payer, the BIC."""
    return replace(
        one,
        number=chance.choice(["4017", "0004017", "№4017", "№ 4017", " 4017 ", "0", ""]),
        day=chance.choice(["27.11.2026", "27.11.26", "2026-11-27", "27/11/2026"]),
        payer_account=chance.choice(
            [THEIRS, f"'{THEIRS}", f'="{THEIRS}"', "407.02.810.5.00000000001", f" {THEIRS}\u00a0", ""]
        ),
        bic=chance.choice([BIC, BIC[1:], ""]),
        purpose=chance.choice([one.purpose, one.purpose.upper(), one.purpose[:-9], f"  {one.purpose}"]),
    )


@pytest.mark.parametrize("seed", range(20))
def test_one_payment_in_many_random_spellings_is_credited_once(k5: House, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(12):
        one = respelled(chance, paid(k5))
        content = chance.choice([exchange([one], "utf-8"), table([one]), exchange([one], "cp1251")])
        take(k5, tmp_path, content)
        assert k5.balance() == rub("500.00")
    k5.assert_sound()


def test_a_crowd_of_equal_payments_hides_none_of_another_file(k5: House, tmp_path: Path) -> None:
    """More than are looked at one by one: same payer, sum and day; one was told before its number was known."""
    crowd = [paid(k5, number=str(n)) for n in range(1, 251)]
    stray = paid(k5, number="0")
    assert outcome(take(k5, tmp_path, exchange([stray]))) == (1, 0, 0)
    assert outcome(take(k5, tmp_path, exchange(crowd))) == (0, 0, 250)
    assert outcome(take(k5, tmp_path, exchange([*crowd, stray]))) == (250, 1, 0)
    assert outcome(take(k5, tmp_path, exchange([paid(k5, number="1000")]))) == (0, 0, 1)
    assert k5.balance() == Money(251 * 50000)


def test_two_equal_payments_of_one_day_are_two(k5: House, tmp_path: Path) -> None:
    payments = to(k5, "1", "1")
    assert take(k5, tmp_path, exchange(payments[:1])).credited.count == 1
    done = take(k5, tmp_path, exchange(payments))
    assert (done.credited.count, done.known) == (1, 1)
    assert take(k5, tmp_path, exchange(payments)).credited.count == 0
    assert k5.balance() == rub("1000.00")


def test_equal_payments_for_two_accounts_change_places_and_nobody_gets_the_others(k5: House, tmp_path: Path) -> None:
    other = add_subscriber(k5.ports, Msisdn.parse("+79160000002"), "correct horse", "Борис")
    mine, theirs = to(k5, "7")[0], Came("7", rub("500.00"), f"Лицевой счет {other.id}")
    take(k5, tmp_path, exchange([mine]))
    done = take(k5, tmp_path, exchange([theirs, mine]))
    assert (done.credited.count, done.known, done.doubtful.count) == (1, 1, 0)
    assert k5.balance() == purse(k5.ports, other.id).balance == rub("500.00")
    assert take(k5, tmp_path, exchange([theirs])).doubtful.count == 0


def test_a_known_payment_with_another_purpose_is_shown_and_not_credited(k5: House, tmp_path: Path) -> None:
    take(k5, tmp_path, exchange(to(k5, "7")))
    done = take(k5, tmp_path, exchange([Came("7", rub("500.00"), "Иное")]))
    assert (done.credited.count, done.suspended.count, done.known, done.doubtful.count) == (0, 0, 0, 1)
