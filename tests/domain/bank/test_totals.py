"""A statement is whole where the bank's totals fit its documents; what cannot be checked is said. Promises: B13."""

from collections import Counter

import pytest

from k5web.domain.bank.csv_statement import read_table
from k5web.domain.bank.exchange_text import read_exchange
from k5web.domain.bank.totals import Audit
from k5web.domain.money import rub
from k5web.errors import WrongStatement
from tests.bank_files import OURS, Came, exchange, table

OTHER = "40702810100000000022"
MOVED = Came("5", rub("70.00"), payer_account=OTHER)  # from one of our accounts to the other


def checked(content: str, *own: str) -> Audit:
    audit = Audit(frozenset(own or (OURS,)), Counter())
    lines = enumerate(content.splitlines(), start=1)
    is_exchange = content.startswith("1C")
    for record in (
        read_exchange(lines, audit.own, audit.notes) if is_exchange else read_table(lines, audit.own, OURS, audit.notes)
    ):
        audit.add(record)
    return audit


def text(*payments: Came) -> str:
    return exchange(payments, ending="\n").decode("cp1251")


def without(content: str, *names: str) -> str:
    return "\n".join(line for line in content.splitlines() if not line.startswith(names))


def test_totals_that_fit_leave_no_doubt() -> None:
    audit = checked(text(Came(), Came("2").outgoing()))
    assert (audit.doubts, audit.came_to, audit.pending) == ([], rub("500.00"), 0)


@pytest.mark.parametrize(
    ("was", "became", "said"),
    [
        ("КонечныйОстаток=1000.00", "КонечныйОстаток=1000.01", r"line 15: .*closing balance"),
        (
            "ВсегоПоступило=500.00\nВсегоСписано=500.00",
            "ВсегоПоступило=500.01\nВсегоСписано=500.01",
            r"500\.01 spent",
        ),
        ("ВсегоПоступило=500.00\nВсегоСписано=500.00", "ВсегоСписано=500.01", r"499\.99|500\.01"),
        ("ВсегоПоступило=500.00\n", "", None),
        ("ВсегоСписано=500.00\n", "", None),
    ],
)
def test_totals_that_differ_are_refused_though_one_is_missing(was: str, became: str, said: str | None) -> None:
    content = text(Came(), Came("2").outgoing())
    assert was in content
    changed = content.replace(was, became)
    if said is None:
        assert checked(changed).doubts == []
        changed = changed.replace("КонечныйОстаток=1000.00", "КонечныйОстаток=1000.01")
    with pytest.raises(WrongStatement, match=said or "by the bank's totals"):
        checked(changed)


@pytest.mark.parametrize(
    "names",
    [
        ("НачальныйОстаток",),
        ("КонечныйОстаток",),
        ("НачальныйОстаток", "КонечныйОстаток"),
        ("НачальныйОстаток", "ВсегоПоступило"),
        ("ВсегоПоступило", "ВсегоСписано"),
        ("НачальныйОстаток", "ВсегоПоступило", "ВсегоСписано", "КонечныйОстаток"),
    ],
)
def test_a_check_that_a_missing_field_switches_off_is_said(names: tuple[str, ...]) -> None:
    assert len(checked(without(text(Came()), *names)).doubts) == 1


def test_without_both_sums_the_change_of_the_balance_must_fit() -> None:
    content = without(text(Came()), "ВсегоПоступило", "ВсегоСписано")
    with pytest.raises(WrongStatement, match=r"500\.00 change by .* 499\.00"):
        checked(content.replace("Сумма=500.00", "Сумма=499.00"))


def test_a_file_without_totals_is_doubted() -> None:
    content = text(Came())
    head, _, rest = content.partition("СекцияРасчСчет\n")
    audit = checked(head + rest.partition("КонецРасчСчет\n")[2])
    assert (len(audit.doubts), audit.came_to) == (1, rub("500.00"))
    assert checked(head + "КонецФайла").doubts == ["no documents and no totals of an account of ours"]


def test_a_file_without_its_end_is_taken_only_where_totals_prove_it_whole() -> None:
    assert checked(without(text(Came()), "КонецФайла")).doubts == []
    for names in (
        ("КонецФайла", "ВсегоПоступило", "НачальныйОстаток"),
        ("КонецФайла", "ВсегоПоступило", "ВсегоСписано"),
    ):
        with pytest.raises(WrongStatement, match="no КонецФайла, and no totals"):
            checked(without(text(Came()), *names))


def test_totals_decide_whether_what_tells_no_day_of_coming_came() -> None:
    """All of it, none of it, or what does not say that it only left the payer."""
    undated = text(Came()).replace("ДатаПоступило=30.11.2026", "")
    sent = undated.replace("ДатаСписано=", "ДатаСписано=30.11.2026")
    nothing = (("ВсегоПоступило=500.00", "ВсегоПоступило=0.00"), ("КонечныйОстаток=1500.00", "КонечныйОстаток=1000.00"))
    for content in (undated, sent):
        assert (checked(content).came_to, checked(content).pending) == (rub("500.00"), 0)
        for was, became in nothing:
            content = content.replace(was, became)
        assert (checked(content).came_to, checked(content).pending) == (rub("0.00"), 1)
    totals = ("НачальныйОстаток", "ВсегоПоступило", "ВсегоСписано", "КонечныйОстаток")
    assert checked(without(undated, *totals)).came_to == rub("500.00")
    assert (checked(without(sent, *totals)).came_to, checked(without(sent, *totals)).pending) == (rub("0.00"), 1)


def test_a_statement_of_somebody_elses_account_is_refused() -> None:
    with pytest.raises(WrongStatement, match=f"account {OURS}, which is not ours"):
        checked(text(Came()), OTHER)


@pytest.mark.parametrize("tellings", [1, 2])
@pytest.mark.parametrize("is_halved", [False, True])
def test_a_transfer_between_our_accounts_counts_once_however_often_it_is_told(tellings: int, is_halved: bool) -> None:
    one = text(MOVED, Came())
    section = one[one.index("СекцияРасчСчет") : one.index("КонецРасчСчет\n") + len("КонецРасчСчет\n")]
    there = section.replace(OURS, OTHER).replace("ВсегоПоступило=570.00", "ВсегоПоступило=0.00")
    there = there.replace("ВсегоСписано=0.00", "ВсегоСписано=70.00").replace("1570.00", "930.00")
    document = one[one.index("СекцияДокумент") : one.index("КонецДокумента\n") + len("КонецДокумента\n")]
    both = document.replace("ДатаСписано=", "ДатаСписано=30.11.2026")
    left = both.replace("ДатаПоступило=30.11.2026", "ДатаПоступило=")
    told = (document if is_halved else both) + (left if is_halved else both) * (tellings - 1)
    content = one.replace(section, section + there).replace(document, told)
    for own in ((OURS, OTHER), (OURS,)):
        audit = checked(content, *own)
        assert (audit.came_to, audit.pending, audit.doubts) == (rub("570.00"), 0, [])


@pytest.mark.parametrize(
    ("total", "is_right"),
    [("500,00", True), ("430,00", True), ("999,00", False), ("570,00", False)],
)
def test_a_tables_total_is_what_came_or_what_came_less_what_went(total: str, is_right: bool) -> None:
    content = table([Came(), Came("2", rub("70.00")).outgoing()], total=total).decode()
    if is_right:
        assert checked(content).doubts == []
        return
    with pytest.raises(WrongStatement, match="received by the bank's totals"):
        checked(content)


def test_a_tables_count_of_documents_is_compared() -> None:
    content = table([Came(), Came("2").outgoing()], total="500,00").decode()
    for count, is_right in ((1, True), (2, True), (3, False)):
        counted = content.replace('"Итого"', f'"Итого поступлений: {count}"')
        if is_right:
            assert checked(counted).doubts == []
            continue
        with pytest.raises(WrongStatement, match="3 documents by the bank's totals"):
            checked(counted)


def test_a_table_without_totals_is_doubted() -> None:
    assert len(checked(table([Came()]).decode()).doubts) == 1
