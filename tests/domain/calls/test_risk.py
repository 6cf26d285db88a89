"""The risk of a destination: what is closed, what counts as costly, what is never called."""

from datetime import UTC, datetime

import pytest

from k5web.domain.calls.risk import Ceiling, Ceilings, Risk, call_risk, is_direction, is_open, leg_risk
from k5web.domain.money import Price, rub
from k5web.domain.prices.rating import Quote, Rate
from k5web.errors import DailyLimit, FirstDayLimit

OWN = ("74950000000", "7495999")
MOMENT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def rate(price: str = "1.00", title: str = "Где-то городской") -> Rate:
    return Rate("7", title, Price.parse(price))


@pytest.mark.parametrize(
    ("number", "title", "risk"),
    [
        ("74951234567", "Москва городской", Risk.ORDINARY),
        ("78001234567", "Россия код бесплатного вызова", Risk.ORDINARY),
        ("870773123456", "Инмарсат", Risk.SATELLITE),
        ("881612345678", "", Risk.SATELLITE),
        ("882161234567", "", Risk.SATELLITE),
        ("883510012345", "Voxbone Global Networks", Risk.SATELLITE),
        ("79541023456", "Выделенная сеть Иридиум", Risk.SATELLITE),
        ("33750771234", "Франция Globalstar", Risk.SATELLITE),
        ("61145123456", "Австралия Global Satellite Mobile", Risk.SATELLITE),
        ("9791234567", "", Risk.PREMIUM),
        ("78091234567", "Россия", Risk.PREMIUM),
        ("33899123456", "Франция", Risk.PREMIUM),
        ("499001234567123", "Германия", Risk.PREMIUM),  # digits too many hide nothing
        ("3531512345", "Ирландия платные услуги", Risk.PREMIUM),
        ("3531512345", "Ирландия премиум сервис", Risk.PREMIUM),
        ("4915112345678", "Германия моб. + прем. сервисы", Risk.ORDINARY),
        ("6112879", "Австралия", Risk.SHORT),
        ("4930112", "Германия", Risk.EMERGENCY),
        ("43112000", "Австрия", Risk.EMERGENCY),
        ("60112791234", "Малайзия мобильный", Risk.ORDINARY),
        ("74950000000", "Москва", Risk.OWN),
        ("74959991234", "Москва", Risk.OWN),
    ],
)
def test_a_direction_is_known_by_its_number_and_by_its_name(number: str, title: str, risk: Risk) -> None:
    """S19, S20."""
    assert leg_risk(number, rate(title=title), OWN) is risk


@pytest.mark.parametrize(
    ("a", "b", "b_number", "risk"),
    [
        ("1.75", "0.45", "74951234567", Risk.ORDINARY),
        ("4.99", "5.00", "74951234567", Risk.ORDINARY),
        ("5.00", "5.00", "74951234567", Risk.COSTLY),  # both legs together
        ("1.75", "0.45", "74991", Risk.COSTLY),  # no range that anybody knows
        ("1.75", "0.45", "881612345678", Risk.SATELLITE),
    ],
)
def test_a_call_is_costly_by_its_minute_or_by_an_unknown_range(a: str, b: str, b_number: str, risk: Risk) -> None:
    quote = Quote("79161234567", b_number, rate(a), rate(b))
    legs = [leg_risk(quote.b_number, quote.b, OWN), leg_risk(quote.a_number, quote.a, OWN)]
    assert call_risk(quote, legs) is risk


def test_a_call_from_a_satellite_phone_is_as_risky_as_one_to_it() -> None:
    quote = Quote("881612345678", "74951234567", rate(), rate())
    assert call_risk(quote, [Risk.ORDINARY, leg_risk(quote.a_number, quote.a, OWN)]) is Risk.SATELLITE


def test_a_kind_or_a_prefix_is_opened() -> None:
    assert is_open(Risk.SATELLITE, "881612345678", {"satellite"})
    assert is_open(Risk.SATELLITE, "881612345678", {"8816"})
    assert not is_open(Risk.SATELLITE, "881612345678", {"premium", "8817"})
    assert not is_open(Risk.SATELLITE, "881612345678", ())


@pytest.mark.parametrize("text", ["satellite", "premium", "short", "88", "8816"])
def test_what_can_be_opened(text: str) -> None:
    assert is_direction(text)


@pytest.mark.parametrize("text", ["", "7", "emergency", "own", "ordinary", "costly", "٨٨١", "8" * 16, "88 16"])
def test_what_cannot_be_opened(text: str) -> None:
    assert not is_direction(text)


def ceilings(daily: str, costly: str, first_day: str | None = None) -> Ceilings:
    limit, used = rub("100.00"), {"daily": daily, "costly": costly, "first_day": first_day}
    found = {name: Ceiling(limit, limit - rub(left)) if left else None for name, left in used.items()}
    assert found["daily"]
    assert found["costly"]
    return Ceilings(found["daily"], found["costly"], found["first_day"], MOMENT)


def test_the_tightest_limit_decides_and_is_named() -> None:
    ordinary, costly, one = Risk.ORDINARY, Risk.SATELLITE, rub("2.20")
    found = ceilings(daily="9.00", costly="1.00")
    assert (found.tightest(ordinary).left, found.tightest(costly).left) == (rub("9.00"), rub("1.00"))
    refusal = found.refusal(costly, one)
    assert isinstance(refusal, DailyLimit)
    assert refusal.facts["is_costly"]
    assert not found.refusal(ordinary, one).facts["is_costly"]
    first = ceilings(daily="9.00", costly="9.00", first_day="2.00").refusal(ordinary, one)
    assert isinstance(first, FirstDayLimit)
    assert (first.facts["left"], first.facts["until"]) == (rub("2.00"), MOMENT)


def test_a_limit_lowered_below_what_is_used_leaves_nothing_and_not_less() -> None:
    assert Ceiling(rub("1.00"), rub("5.00")).left == rub("0.00")
