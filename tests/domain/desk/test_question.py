"""What staff type is taken for all that it may mean, and for nothing that it cannot. Promise: C3."""

from datetime import date

import pytest

from k5web.domain.desk.question import LONGEST, Kind, Question, read_question
from k5web.domain.prices.number import Msisdn

TODAY = date(2026, 12, 1)
PHONE = (Msisdn("79161234567"),)
YESTERDAY = date(2026, 11, 30)


def read(typed: str) -> Question:
    return read_question(typed, TODAY)


@pytest.mark.parametrize("typed", ["+7 916 123-45-67", "8 (916) 123-45-67", "79161234567", "tel:+79161234567"])
def test_a_phone_is_known_in_any_spelling(typed: str) -> None:
    assert read(typed).phones == PHONE


@pytest.mark.parametrize("typed", ["8841", "K5-8841", "k5-8841", "договор № 8841", "абонент 8841"])
def test_an_id_is_known_also_as_the_number_of_the_contract(typed: str) -> None:
    assert read(typed).subscriber_id == 8841


@pytest.mark.parametrize("inn", ["7708789018", "500100732259", "01234567890123"])
def test_tax_numbers_of_ten_twelve_and_fourteen_digits_are_known(inn: str) -> None:
    assert read(inn).inn == read(f" ИНН {inn} ").inn == inn
    assert read(inn[:-1]).inn == ""


def test_a_name_is_its_words_the_longest_first_without_case_and_yo() -> None:
    assert read("  пётр  СЕМЁНОВ-тян ").words == ("семенов", "петр", "тян")
    assert read("8841").words == ()


@pytest.mark.parametrize(
    ("typed", "minor", "day"),
    [
        ("500.00 28.11.2026", 500_00, date(2026, 11, 28)),
        ("500 28.11.26", 500_00, date(2026, 11, 28)),
        ("28.11.2026 1 500,50 руб.", 1500_50, date(2026, 11, 28)),
        ("500 вчера", 500_00, YESTERDAY),
        ("позавчера 500 сом", 500_00, date(2026, 11, 29)),
        ("500 2026-11-28", 500_00, date(2026, 11, 28)),
        ("500 30.11", 500_00, YESTERDAY),
        ("500 2.12", 500_00, date(2025, 12, 2)),  # the last one that was
    ],
)
def test_a_sum_with_a_day_is_known_in_either_order(typed: str, minor: int, day: date) -> None:
    assert (read(typed).minor, read(typed).day) == (minor, day)
    assert read(typed).words == ()


@pytest.mark.parametrize("typed", ["500.00", "вчера", "500 31.02.2026", "0 вчера", "500 послезавтра", "500 0.0.0000"])
def test_what_is_no_sum_with_a_day_is_not_taken_for_one(typed: str) -> None:
    assert read(typed).minor is None


@pytest.mark.parametrize(
    ("typed", "only", "number", "year"),
    [
        ("15/2026", None, 15, 2026),
        ("акт № 15/2026", Kind.ACT, 15, 2026),
        ("Счёт 15", Kind.INVOICE, 15, None),
        ("счет №15", Kind.INVOICE, 15, None),
        ("платёж 15", Kind.PAYMENT, 15, None),
        ("актриса 15", None, None, None),
    ],
)
def test_documents_are_known_by_their_names_and_numbers(
    typed: str, only: Kind | None, number: int | None, year: int | None
) -> None:
    question = read(typed)
    assert (question.only, question.number, question.year) == (only, number, year)
    assert question.asks_for(Kind.ACT) is (only in {None, Kind.ACT})


def test_a_call_and_a_claim_are_an_owner_and_a_number() -> None:
    assert read("8841-17").pair == (8841, 17)
    assert (read("претензия 8841-3").pair, read("претензия 8841-3").only) == ((8841, 3), Kind.CLAIM)
    assert read("0-17").pair is read("8841-").pair is None


def test_a_payments_key_stays_as_it_was_sent() -> None:
    assert read(" aB-00.17/x ").text == "aB-00.17/x"


@pytest.mark.parametrize("typed", ["", " \t\n", "\x00", "\ud800", "\u202e"])
def test_what_is_empty_or_no_sign_of_writing_means_nothing(typed: str) -> None:
    assert read(typed) == Question("")


def test_what_is_huge_is_cut() -> None:
    assert len(read("9" * 1_000_000).text) == LONGEST
    assert read("а" * 1_000_000).words == ("а" * LONGEST,)
