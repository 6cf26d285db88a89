"""A month on a plan: every row with its price and why, the fees of the plan, its options and its services."""

from pathlib import Path

import pytest

from k5web.domain.prices.sms_parts import sms_parts
from k5web.services.prices.dated_plans import DatedPlan
from k5web.services.prices.simulation import Simulation, simulate
from tests.plan_samples import listed_rate, plan_of

HEADING = "at,kind,to,zone,quantity,option"
OUR, REGION = "+79901234567", "+78601234567"


def month(tmp_path: Path, plan: str, *rows: str, own: str = "") -> Simulation:
    file = tmp_path / "uses.csv"
    file.write_text("\n".join([HEADING, *rows]))
    return simulate(DatedPlan.alone(plan_of(plan), listed_rate), file, own)


def charges(result: Simulation) -> list[str]:
    return [str(line.charge) for line in result.lines]


def fees(result: Simulation) -> list[tuple[str, str, str]]:
    return [(fee.at.isoformat(), fee.what, str(fee.charge)) for fee in result.fees]


def test_rows_are_priced_in_the_order_of_time_and_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    result = month(
        tmp_path,
        "economny",
        f"2026-12-01T20:00:00+03:00,call,{REGION},home,60,vklyuchaysya",
        f"2026-12-01T10:00:00+03:00,call,{REGION},home,3000,vklyuchaysya",
    )
    assert [line.at[11:13] for line in result.lines] == ["20", "10"]
    assert charges(result) == ["2.00", "0.00"], "the 50 minutes went to the earlier one"


def test_the_51st_minute_of_one_call_is_paid_for(tmp_path: Path) -> None:
    result = month(tmp_path, "economny", f"2026-12-01T10:00:00+03:00,call,{REGION},home,3001,vklyuchaysya")
    [line] = result.lines
    assert str(line.charge) == "2.00"
    assert line.why == (
        "call to region, rate 4: counted 3060 s; 3000 s from region-minutes; 60 s at 2.00 a minute: 2.00"
    )


def test_a_call_over_midnight_uses_the_allowance_of_the_day_it_began(tmp_path: Path) -> None:
    result = month(
        tmp_path,
        "economny",
        f"2026-12-01T20:59:00Z,call,{REGION},home,3600,vklyuchaysya",  # 23:59 in Moscow
        f"2026-12-01T21:00:00Z,call,{REGION},home,3000,vklyuchaysya",  # 00:00 of the next day
    )
    assert charges(result) == ["20.00", "0.00"]
    assert fees(result) == [
        ("2026-12-01T00:00:00+03:00", "vklyuchaysya", "5.00"),
        ("2026-12-02T00:00:00+03:00", "vklyuchaysya", "5.00"),
    ]


def test_a_fee_is_due_for_each_month_each_day_and_each_option(tmp_path: Path) -> None:
    result = month(
        tmp_path,
        "economny",
        f"2026-11-30T10:00:00+03:00,sms,{OUR},home,1,sms-30;vklyuchaysya",
        f"2026-12-01T10:00:00+03:00,sms,{OUR},home,1,sms-30;vklyuchaysya",
        f"2026-12-01T11:00:00+03:00,sms,{OUR},home,1,sms-30;vklyuchaysya",
    )
    assert charges(result) == ["0.00", "0.00", "0.00"]
    assert fees(result) == [
        ("2026-11-30T00:00:00+03:00", "vklyuchaysya", "5.00"),
        ("2026-11-30T10:00:00+03:00", "sms-30", "40.00"),
        ("2026-12-01T00:00:00+03:00", "vklyuchaysya", "5.00"),
        ("2026-12-01T10:00:00+03:00", "sms-30", "40.00"),
    ]
    assert str(result.total) == "90.00"


def test_a_month_has_its_fee_though_its_only_row_cannot_be_priced(tmp_path: Path) -> None:
    result = month(tmp_path, "go-100", "2026-12-05T10:00:00+03:00,sms,79161234567,home,1,")
    assert (result.failed, fees(result)) == (1, [("2026-12-01T00:00:00+03:00", "go-100", "600.00")])


def test_a_monthly_service_is_paid_by_days_at_first_and_whole_then(tmp_path: Path) -> None:
    result = month(
        tmp_path,
        "go-100",
        "2026-11-16T10:00:00+03:00,service,extra_user,,2,",
        "2026-12-05T10:00:00+03:00,call,74951234567,,60,",
    )
    assert charges(result) == ["110.00", "0.00"], "15 of 30 days for two at 110.00"
    assert fees(result) == [
        ("2026-11-01T00:00:00+03:00", "go-100", "600.00"),
        ("2026-12-01T00:00:00+03:00", "go-100", "600.00"),
        ("2026-12-01T00:00:00+03:00", "extra_user", "220.00"),
    ]


@pytest.mark.parametrize(("days", "charge"), [(1, "0.00"), (14, "0.00"), (15, "1.00"), (30, "16.00")])
def test_days_of_a_block_are_free_up_to_the_14th_of_each_block(tmp_path: Path, days: int, charge: str) -> None:
    row = f"2026-12-05T10:00:00+03:00,service,block,,{days},"
    assert charges(month(tmp_path, "economny", row, row)) == [charge, charge]


def test_unlimited_internet_lasts_until_the_end_of_the_day_that_is_paid(tmp_path: Path) -> None:
    result = month(
        tmp_path,
        "economny",
        "2026-12-01T23:59:59+03:00,data,,home,1073741824,unlimited-internet",
        "2026-12-02T00:00:00+03:00,data,,home,1048576,",
    )
    assert charges(result) == ["0.00", "5.37"]
    assert fees(result) == [("2026-12-01T00:00:00+03:00", "unlimited-internet", "75.00")]


def test_a_direction_group_may_stand_for_a_number(tmp_path: Path) -> None:
    result = month(
        tmp_path,
        "economny",
        "2026-12-01T10:00:00+03:00,call,region,home,60,",
        "2026-12-01T10:00:00+03:00,call,satellite,home,60,",
        "2026-12-01T10:00:00+03:00,call,regoin,home,60,",
    )
    assert charges(result) == ["3.00", "290.00", "None"]
    assert "direction group 'regoin'" in result.lines[2].why


def test_a_wrong_row_keeps_its_place_and_its_reason(tmp_path: Path) -> None:
    result = month(
        tmp_path,
        "economny",
        f"2026-12-01T10:00:00+03:00,call,{REGION},home,60,",
        f"2026-12-01T10:00:00+03:00,call,{REGION},home,sixty,",
        f"2026-12-01T10:00:00+03:00,call,{REGION},home,60,vklyuchaisya",
        f"2026-12-01T10:00:00+03:00,sms,{REGION},home,1,sms-30;sms-60",
        "2026-12-01T10:00:00+03:00,service,call_centre,home,1,",
        f"2026-12-01T10:00:00+03:00,call,{OUR},home,60,",
    )
    assert charges(result) == ["3.00", "None", "None", "None", "None", "1.00"]
    assert [line.why for line in result.lines[1:5]] == [
        "quantity 'sixty' is not a number of seconds",
        "plan economny has no price for option 'vklyuchaisya', perhaps vklyuchaysya",
        "plan economny has no price for sms-30 and sms-60 at once: one takes the place of the other",
        "plan economny has no price for service call_centre",
    ]
    assert (result.failed, str(result.total)) == (4, "4.00")


def test_one_number_is_part_of_the_plan_and_a_second_has_no_price(tmp_path: Path) -> None:
    order = "2026-12-01T10:00:00+03:00,service,{},,1,"
    result = month(tmp_path, "go", order.format("number_495"), order.format("number_499"))
    assert charges(result) == ["0.00", "None"]
    assert result.lines[1].why == "plan go has no price for more than 1 of number_499"


def test_both_legs_of_the_first_plan_are_paid_for_by_the_own_number(tmp_path: Path) -> None:
    row = "2026-12-01T10:00:00+03:00,call,74951234567,,60,"
    result = month(tmp_path, "k5", row, own="79161234567")
    assert charges(result) == ["2.20"]
    assert result.lines[0].why.endswith("60 s at 0.45 a minute: 0.45; 60 s at 1.75 a minute: 1.75")
    assert "without the number of the subscriber's own phone" in month(tmp_path, "k5", row).lines[0].why


def test_what_is_refused_costs_nothing_and_says_why(tmp_path: Path) -> None:
    result = month(tmp_path, "economny", "2026-12-01T10:00:00+03:00,data,,home,314572800,vklyuchaysya")
    [line] = result.lines
    assert str(line.charge) == "0.00"
    assert line.why == (
        "data, rate 18: counted 153600 KB; 153600 KB from internet; "
        "refused: интернет на сегодня израсходован: 150 МБ в сутки"
    )


def test_money_for_calls_pays_first(tmp_path: Path) -> None:
    result = month(tmp_path, "prosto", "2026-12-01T10:00:00+03:00,call,74951234567,,18600,")
    assert charges(result) == ["1.50"]
    assert result.lines[0].why.endswith("18600 s at 0.65 a minute: 201.50; 200.00 from for-calls")


def test_a_file_without_rows_costs_nothing(tmp_path: Path) -> None:
    result = month(tmp_path, "go")
    assert (result.lines, result.fees, str(result.total)) == ((), (), "0.00")


@pytest.mark.parametrize(
    ("text", "parts", "paid", "in_package"),
    [
        ("z" * 160, 1, "2.50", "0.00"),
        ("z" * 161, 2, "5.00", "0.00"),
        ("z" * 306, 2, "5.00", "0.00"),
        ("z" * 307, 3, "7.50", "2.50"),
        ("я" * 70, 1, "2.50", "0.00"),
        ("я" * 71, 2, "5.00", "0.00"),
        ("я" * 134, 2, "5.00", "0.00"),
        ("я" * 135, 3, "7.50", "2.50"),
        ("z" * 69 + "\N{GRINNING FACE}", 2, "5.00", "0.00"),  # two places, and the others are counted as it is
    ],
)
def test_a_message_costs_its_parts_and_the_last_ones_of_a_package_split_it(
    tmp_path: Path, text: str, parts: int, paid: str, in_package: str
) -> None:
    """28 of the package of 30 are gone: two parts are left of it."""
    assert sms_parts(text) == parts
    row = "2026-12-01T10:00:00+03:00,sms,+79161234567,home,{},{}"
    result = month(tmp_path, "economny", row.format(parts, ""), row.format(28, "sms-30"), row.format(parts, "sms-30"))
    assert charges(result) == [paid, "0.00", in_package]


@pytest.mark.parametrize(
    ("size", "paid", "kb"), [(0, "0.00", 0), (1, "0.49", 100), (102_400, "0.49", 100), (102_401, "0.98", 200)]
)
def test_data_costs_whole_steps_and_uses_them_up(tmp_path: Path, size: int, paid: str, kb: int) -> None:
    """150 MB are 153 600 KB: what a session leaves of them the next one has, and not a step more."""
    row = "2026-12-01T10:00:00+03:00,data,,home,{},{}"
    rest = (153_600 - kb) * 1024
    result = month(
        tmp_path,
        "economny",
        row.format(size, ""),
        row.format(size, "vklyuchaysya"),
        row.format(rest, "vklyuchaysya"),
        row.format(1, "vklyuchaysya"),
    )
    assert charges(result) == [paid, "0.00", "0.00", "0.00"]
    assert [line.why.partition("refused: ")[2] for line in result.lines[1:]] == [
        "", "", "интернет на сегодня израсходован: 150 МБ в сутки"
    ]  # fmt: skip


def test_the_fiftieth_minute_is_free_to_its_end(tmp_path: Path) -> None:
    rows = (f"2026-12-0{day}T10:00:00+03:00,call,{REGION},home,{s},vklyuchaysya" for day, s in ((1, 3000), (2, 3000.5)))
    assert charges(month(tmp_path, "economny", *rows)) == ["0.00", "2.00"]
