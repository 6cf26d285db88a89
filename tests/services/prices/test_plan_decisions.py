"""Where the documents are silent: what the plans say then, as docs/plans.md tells it."""

import pytest

from k5web.domain.prices.plan import Plan, State
from k5web.domain.prices.plan_cells import cells
from k5web.domain.prices.usage import Kind, UsageEvent, Zone
from tests.plan_samples import NOON, meter_of, plan_of

GO = ("go", "go-100", "go-1000")


def priced(plan: Plan) -> dict[tuple[Kind, Zone, str], str]:
    """Return the price, or why there is none, of each use without any option."""
    found = {}
    for (kind, zone, group, states), [rule] in cells(plan):
        if set(states) <= {State.OFF}:
            found[kind, zone, group] = str(rule.price) if rule.price else rule.closed
    return found


def test_start_costs_what_economny_costs_without_options() -> None:
    """The document names «Старт» and none of its prices."""
    start, economny = plan_of("start"), plan_of("economny")
    assert priced(start) == priced(economny)
    assert start.services == economny.services
    assert (start.fees, start.options, start.allowances) == ((), {}, ())


@pytest.mark.parametrize("code", ["go", "go-100", "go-1000", "profi", "vip", "prosto", "standard-8800", "economny"])
def test_one_leg_of_a_callback_is_paid_for_but_on_the_plan_of_the_leaflet(code: str) -> None:
    assert not plan_of(code).pays_leg_a
    assert plan_of("k5").pays_leg_a


@pytest.mark.parametrize("code", [*GO, "profi", "vip", "prosto"])
def test_incoming_calls_cost_nothing(code: str) -> None:
    event = UsageEvent(NOON, Kind.INCOMING, "79161234567", 3_600_000_000)
    assert str(meter_of(code).rate(event, {}).charge) == "0.00"


def test_plans_for_numbers_call_out_by_the_clovertel_list() -> None:
    for code in (*GO, "profi", "vip", "prosto", "standard-8800"):
        assert plan_of(code).deck == "clovertel"


@pytest.mark.parametrize(
    ("kind", "to", "zone", "option", "refused"),
    [
        (Kind.CALL, "442071234567", Zone.RUSSIA, "", "тариф не называет цену звонков за границу в поездках"),
        (Kind.SMS, "442071234567", Zone.RUSSIA, "", "тариф не называет цену SMS за границу в поездках"),
        (Kind.CSD, "79161234567", Zone.HOME, "", "тариф не называет цену CSD за пределы сети"),
        (Kind.CSD, "79901234567", Zone.RUSSIA, "", "тариф не называет цену CSD в поездках"),
        (Kind.DATA, "", Zone.RUSSIA, "", "тариф не называет цену интернета в поездках без опции"),
        (Kind.DATA, "", Zone.HOME, "vklyuchaysya:unpaid", "интернет закрыт: не хватило денег на «Включайся»"),
        (Kind.DATA, "", Zone.HOME, "unlimited-internet vklyuchaysya:unpaid", "интернет закрыт"),
        (Kind.DATA, "", Zone.RUSSIA, "unlimited-internet", ""),
        (Kind.DATA, "", Zone.RUSSIA, "unlimited-internet vklyuchaysya", ""),
        (Kind.DATA, "", Zone.HOME, "unlimited-internet:unpaid vklyuchaysya", "интернет на сегодня израсходован"),
    ],
)
def test_what_economny_has_no_price_for_is_closed_in_words(
    kind: Kind, to: str, zone: Zone, option: str, refused: str
) -> None:
    unpaid = {code.removesuffix(":unpaid") for code in option.split() if code.endswith(":unpaid")}
    paid = frozenset(option.replace(":unpaid", "").split()) - unpaid
    use = meter_of("economny").rate(UsageEvent(NOON, kind, to, 60_000_000, zone, paid, frozenset(unpaid)), {})
    assert use.refused.startswith(refused) if refused else use.refused == ""
    assert str(use.charge) == "0.00"


def test_data_without_any_option_in_force_costs_money_though_the_unlimited_one_is_unpaid() -> None:
    event = UsageEvent(NOON, Kind.DATA, "", 26_214_400, unpaid=frozenset({"unlimited-internet"}))
    assert str(meter_of("economny").rate(event, {}).charge) == "125.00"


def test_nobody_dials_8_800_from_abroad() -> None:
    for caller in ("442071234567", "78402123456", "77172123456"):
        use = meter_of("standard-8800").rate(UsageEvent(NOON, Kind.INCOMING, caller, 60_000_000), {})
        assert use.refused == "номер 8-800 принимает звонки только из России"
