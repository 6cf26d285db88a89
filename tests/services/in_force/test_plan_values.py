"""Values of a plan file: sums, prices, amounts and conditions as they are written, exact."""

import pytest

from k5web.domain.money import Money, Price, rub
from k5web.domain.prices.plan import Condition, State
from k5web.domain.prices.usage import Kind
from k5web.services.in_force.plan_values import AllowanceTable, RateTable, WrongValue, amount_of, price_of, sum_of


def test_a_sum_has_two_decimals_and_the_currency_of_the_plan() -> None:
    assert sum_of("fee", "1940.00 RUB", "RUB") == rub("1940.00")
    assert sum_of("fee", "999999999.99 KGS", "KGS") == Money(99_999_999_999, "KGS")


@pytest.mark.parametrize(
    "text",
    ["", "600 RUB", "600.0 RUB", "600.000 RUB", "-1.00 RUB", "6e2 RUB", "1 000.00 RUB", "600,00 RUB", "٦.00 RUB"],
)
def test_a_sum_that_is_written_otherwise_is_refused(text: str) -> None:
    with pytest.raises(WrongValue, match=r"is not a sum like 600\.00 RUB"):
        sum_of("fee", text, "RUB")


@pytest.mark.parametrize(
    ("text", "kind", "micro"),
    [
        ("1.69 RUB/min", Kind.CALL, 1_690_000),
        ("0.000001 RUB/min", Kind.INCOMING, 1),
        ("2.5 RUB/sms", Kind.SMS, 2_500_000),
        ("5 RUB/MB", Kind.DATA, 5_000_000),
        ("0.50 RUB/min", Kind.CSD, 500_000),
    ],
)
def test_a_price_is_exact_and_of_the_unit_of_its_kind(text: str, kind: Kind, micro: int) -> None:
    assert price_of("price", text, kind, "RUB") == Price(micro)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("5.00 RUB/min", Kind.DATA, "'5.00 RUB/min' has the wrong unit: data is priced by MB, write 5.00 RUB/MB"),
        ("5.00 RUB/MB", Kind.CALL, "'5.00 RUB/MB' has the wrong unit: call is priced by min, write 5.00 RUB/min"),
        ("5.00 KGS/min", Kind.CALL, "KGS is not the currency of this plan, RUB"),
        ("5.00 XYZ/min", Kind.CALL, "XYZ is not the currency of this plan, RUB"),
        ("5.00", Kind.SMS, "'5.00' is not a price like 1.69 RUB/sms"),
        ("-5.00 RUB/min", Kind.CALL, "'-5.00 RUB/min' is not a price like 1.69 RUB/min"),
        ("0.0000001 RUB/min", Kind.CALL, "'0.0000001 RUB/min' is not a price like 1.69 RUB/min"),
        ("1" * 10 + " RUB/min", Kind.CALL, "is not a price like 1.69 RUB/min"),
    ],
)
def test_a_wrong_price_says_what_to_write(text: str, kind: Kind, reason: str) -> None:
    with pytest.raises(WrongValue) as caught:
        price_of("price", text, kind, "RUB")
    assert reason in str(caught.value)
    assert caught.value.key == "price"


@pytest.mark.parametrize(
    ("text", "unit", "amount"),
    [
        ("50 min", "SEC", 3_000),
        ("90 s", "SEC", 90),
        ("30 sms", "SMS", 30),
        ("150 MB", "KB", 153_600),
        ("100 KB", "KB", 100),
        ("200.00 RUB", "MONEY", 20_000),
    ],
)
def test_an_amount_is_in_whole_units(text: str, unit: str, amount: int) -> None:
    assert amount_of("amount", text, "RUB") == (unit, amount)


@pytest.mark.parametrize(
    "text", ["", "50", "0 min", "-5 min", "1.5 min", "50 мин", "50 hours", "200 RUB", "9999999999 s"]
)
def test_a_wrong_amount_is_refused(text: str) -> None:
    with pytest.raises(WrongValue, match=r"is not an amount like 50 min, 30 sms, 150 MB or 200\.00 RUB"):
        amount_of("amount", text, "RUB")


def test_an_allowance_pays_only_for_what_has_its_unit() -> None:
    minutes = AllowanceTable("gift", "Подарок", "50 min", "month", (Kind.CALL, Kind.SMS))
    with pytest.raises(WrongValue, match="'50 min' cannot pay for sms"):
        minutes.value("RUB")
    with pytest.raises(WrongValue, match="cannot pay for nothing: name a kind"):
        AllowanceTable("gift", "Подарок", "50 min", "month", ()).value("RUB")
    money = AllowanceTable("gift", "Подарок", "200.00 RUB", "month", (Kind.CALL, Kind.SMS, Kind.DATA))
    assert money.value("RUB").unit == "MONEY"
    money.price = "1.00 RUB/min"
    with pytest.raises(WrongValue, match="money that is given has no price"):
        money.value("RUB")


def test_a_rate_has_one_of_price_deck_and_closed() -> None:
    for wrong in (RateTable("call"), RateTable("call", price="1.00 RUB/min", closed="нет")):
        with pytest.raises(WrongValue, match="a rate has exactly one of price, deck and closed"):
            wrong.value("rate 1", "RUB")


def test_a_price_list_prices_by_numbers_and_so_only_talk() -> None:
    for kind in ("sms", "data"):
        with pytest.raises(WrongValue, match=f"a price list has no prices of {kind}"):
            RateTable(kind, deck="clovertel").value("rate 1", "RUB")


def test_an_option_under_two_keys_may_stand_either_way() -> None:
    rule = RateTable("call", with_=("a",), unpaid=("a", "b"), without=("c",), price="1.00 RUB/min").value(
        "rate 1", "RUB"
    )
    assert rule.conditions == (
        Condition("a", frozenset({State.ON, State.UNPAID})),
        Condition("b", frozenset({State.UNPAID})),
        Condition("c", frozenset({State.OFF})),
    )
