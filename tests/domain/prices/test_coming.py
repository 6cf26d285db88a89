"""What changes with other prices, as people read it: a row for each destination and each sum of a plan."""

from dataclasses import replace

from k5web.domain.money import Price, rub
from k5web.domain.prices.coming import coming_rates, coming_sums, has_other_terms
from k5web.domain.prices.deck_difference import difference
from k5web.domain.prices.plan import Fee, Option, Plan
from k5web.domain.prices.rating import Rate, RateTable
from k5web.domain.prices.usage import Every

PLAN = Plan("go", "k5", "b_answer", 1, fees=(Fee(rub("470.00"), Every.MONTH),))


def rate(prefix: str, name: str, micro: int, *, is_blocked: bool = False) -> Rate:
    return Rate(prefix, name, Price(micro), is_blocked=is_blocked)


def table(*rates: Rate) -> RateTable:
    return RateTable("k5", 1, rates)


def test_prefixes_of_a_destination_that_change_alike_are_one_row() -> None:
    before = table(rate("7495", "Москва", 450_000), rate("7499", "Москва", 450_000), rate("34", "Испания", 900_000))
    after = table(rate("7495", "Москва", 500_000), rate("7499", "Москва", 500_000), rate("34", "Испания", 800_000))
    found = coming_rates(difference(before, after))
    assert [(row.destination, row.then and row.then.per_minute) for row in found.dearer] == [("Москва", Price(500_000))]
    assert [row.destination for row in found.other] == ["Испания"]


def test_what_is_called_no_more_is_worse_what_is_new_is_not_and_another_name_is_nothing() -> None:
    before = table(rate("34", "Испания", 900_000), rate("33", "Франция", 900_000), rate("49", "ФРГ", 900_000))
    after = table(
        rate("33", "Франция", 0, is_blocked=True), rate("49", "Германия", 900_000), rate("39", "Италия", 1_000_000)
    )
    found = coming_rates(difference(before, after))
    assert [(row.destination, row.then is None) for row in found.dearer] == [("Испания", True), ("Франция", False)]
    assert [(row.destination, row.now) for row in found.other] == [("Италия", None)]


def test_sums_of_a_plan_that_change_are_named_and_others_are_not() -> None:
    option = Option("sms", "Пакет SMS", Fee(rub("40.00"), Every.MONTH))
    before = replace(PLAN, options={"sms": option})
    after = replace(PLAN, fees=(Fee(rub("480.00"), Every.MONTH),))
    found = [(row.title, row.now, row.then) for row in coming_sums(before, after)]
    assert found == [("", before.fees[0], after.fees[0]), ("Пакет SMS", option.fee, None)]
    assert coming_sums(before, before) == ()


def test_other_terms_of_a_plan_are_noticed() -> None:
    assert not has_other_terms(PLAN, replace(PLAN, fees=()))
    assert has_other_terms(PLAN, replace(PLAN, max_talk_minutes=30))
