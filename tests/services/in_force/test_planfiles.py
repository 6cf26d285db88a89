"""Plan files: each mistake is named with its line and with what may have been meant; several are named at once."""

from pathlib import Path

import pytest

from k5web import plans
from k5web.errors import WrongPlan
from k5web.services.in_force.planfiles import parse_groups, read_groups
from tests.plan_samples import CODES, SMALL_GROUPS, SMALL_PLAN, faults_of, plan_of, read_small


def changed(old: str, new: str) -> str:
    assert old in SMALL_PLAN
    return SMALL_PLAN.replace(old, new, 1)


def test_the_sample_is_fine_and_its_values_are_the_files() -> None:
    plan = read_small(SMALL_PLAN)
    assert (plan.code, plan.title, plan.pays_leg_a, len(plan.rates)) == ("small", "Малый", False, 3)
    assert (plan.allowances[0].amount, plan.allowances[0].option) == (3_000, "bonus")
    assert list(plan.groups.groups) == ["near", "far"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # keys
        (
            'title = "Малый"',
            'titel = "Малый"',
            ["line 2: 'titel' is not a key here: did you mean 'title'?", "'title' is missing"],
        ),
        (
            'every = "once"',
            'evry = "once"',
            ["line 46: 'evry' is not a key here: did you mean 'every'?", "line 42: 'every' is missing"],
        ),
        ('legs = "b"', 'legz = "b"', ["line 8: 'legz' is not a key here: did you mean 'legs'?"]),
        ("[[service]]", "[[servise]]", ["line 42: 'servise' is not a key here: did you mean 'service'?"]),
        ('[[rate]]\nkind = "call"\nto = ["far"]', '[[rate]]\nto = ["far"]', ["line 37: 'kind' is missing"]),
        # types
        ('"9.00 RUB/min"', "9.00", ["line 40: price: expected text in quotes, got a fraction"]),
        ('"9.00 RUB/min"', "9", ["line 40: price: expected text in quotes, got a whole number"]),
        ('to = ["far"]', 'to = "far"', ["line 39: to: expected a list, got text in quotes"]),
        (
            'kind = "call"\nto = ["far"]',
            'kind = "cal"\nto = ["far"]',
            ["line 38: kind: 'cal' is not known: did you mean 'call'?"],
        ),
        ('every = "once"', 'every = "yearly"', ["line 46: every: 'yearly' is not known; there are: day, month, once"]),
        (
            'to = ["far"]',
            'to = ["far"]\nzone = ["homer"]',
            ["line 40: zone: 'homer' is not known: did you mean 'home'?"],
        ),
        (
            'legs = "b"',
            'legs = "b"\ncalls_at_once = "2"',
            ["line 9: calls_at_once: expected a whole number, got text in quotes"],
        ),
        # bounds
        ('legs = "b"', 'legs = "b"\ncalls_at_once = 0', ["line 9: calls_at_once: expected a whole number >= 1"]),
        ('legs = "b"', 'legs = "b"\nlongest_minutes = -5', ["line 9: longest_minutes: expected a whole number >= 1"]),
        ('every = "once"', 'every = "once"\nincluded = -1', ["line 47: included: expected a whole number >= 0"]),
        ('every = "once"', 'every = "once"\nmost = 0', ["line 47: most: expected a whole number >= 1"]),
        ('every = "once"', f'every = "once"\nmost = {"9" * 30}', ["line 47: most: expected a whole number <= 1000000"]),
        ('to = ["far"]', 'to = ["far"]\nfree_below_s = -3', ["line 40: free_below_s: expected a whole number >= 0"]),
        ('to = ["far"]', 'to = ["far"]\nincrement_s = 0', ["line 40: increment_s: expected a whole number >= 1"]),
        ('title = "Малый"', 'title = ""', ["line 2: title: expected text in quotes of length >= 1"]),
        ('title = "Малый"', 'title = "Ма\\u0000лый"', ["line 2: title: has a letter that cannot be printed"]),
        # values
        (
            '"9.00 RUB/min"',
            '"9.00 RUB/MB"',
            ["line 40: '9.00 RUB/MB' has the wrong unit: call is priced by min, write 9.00 RUB/min"],
        ),
        ('"9.00 RUB/min"', '"9.00 KGS/min"', ["line 40: KGS is not the currency of this plan, RUB"]),
        ('"5.00 RUB"', '"-5.00 RUB"', ["line 13: '-5.00 RUB' is not a sum like 600.00 RUB"]),
        ('"50 min"', '"50 sms"', ["line 19: '50 sms' cannot pay for call"]),
        (
            'code = "small"',
            'code = "Small plan"',
            ["line 1: 'Small plan' is not a code: small letters, digits, '-' and '_'"],
        ),
        (
            'source = "Проба"',
            'source = "Проба"\ncurrency = "USD"',
            ["line 5: 'USD' is no currency; there are: KGS, RUB"],
        ),
        # names
        ('to = ["far"]', 'to = ["fra"]', ["line 39: there is no direction group 'fra': did you mean 'far'?"]),
        ('with = ["bonus"]', 'with = ["bonsu"]', ["line 27: there is no option 'bonsu': did you mean 'bonus'?"]),
        ('unpaid = ["bonus"]', 'unpaid = ["bonos"]', ["line 33: there is no option 'bonos': did you mean 'bonus'?"]),
        ('option = "bonus"', 'option = "x"', ["line 22: there is no option 'x'; there are: bonus"]),
        (
            'every = "day"\n\n',
            'every = "day"\nexcludes = ["none"]\n\n',
            ["line 15: there is no option 'none'; there are: bonus"],
        ),
        ('groups = "two"', 'groups = "three"', ["line 5: there are no direction groups 'three'"]),
        ('groups = "two"', 'groups = "../../etc"', ["line 5: there are no direction groups '../../etc'"]),
        (
            'every = "once"',
            'every = "once"\ntogether_with = "sim"',
            ["line 47: there is no service 'sim': did you mean 'sim_change'?"],
        ),
        ('kind = ["call"]', 'kind = ["incoming"]', ["line 21: can never be used: no rate is of kind incoming"]),
        # cells
        (
            'without = ["bonus"]\n',
            "",
            [
                "no rule prices call to near, zone home, bonus off",
                "no rule prices call to near, zone russia, bonus off",
            ],
        ),
        ('to = ["far"]\n', "", ["line 37: rate 3 prices the same as rate 1: call to near, zone home, bonus on"]),
        ('to = ["far"]', 'to = ["far"]\nwith = ["bonus"]', ["no rule prices call to far, zone home, bonus unpaid"]),
    ],
)
def test_each_mistake_is_named_with_its_line(old: str, new: str, told: list[str]) -> None:
    found = faults_of(changed(old, new))
    for words in told:
        assert words in found


def test_a_rule_that_nothing_reaches_is_named() -> None:
    data = '\n[[rate]]\nkind = "data"\nprice = "1.00 RUB/MB"\n'
    never = SMALL_PLAN + data.replace("price", 'to = ["near"]\nprice') + data
    assert faults_of(never) == ["line 48: rate 4 can never be reached: nothing fits all its conditions"]


def test_a_code_that_stands_twice_is_named() -> None:
    twice = SMALL_PLAN + SMALL_PLAN[SMALL_PLAN.index("[[service]]") :]
    assert faults_of(twice) == ["line 48: service 'sim_change' stands here a second time"]


def test_several_mistakes_are_named_at_once_in_the_order_of_the_file() -> None:
    text = changed('title = "Малый"', 'titel = "Малый"\nkode = "x"').replace("9.00 RUB/min", "9.00 RUB/sms")
    text = text.replace('legs = "b"', 'legs = "c"\ncalls = 2').replace("[[option]]", "[[option]]\nfee2 = 1\nfirst = 5")
    assert faults_of(text) == [
        "line 2: 'titel' is not a key here: did you mean 'title'?",
        "line 3: 'kode' is not a key here: did you mean 'code'?",
        "line 9: legs: 'c' is not known; there are: b, both",
        "line 10: 'calls' is not a key here: did you mean 'calls_at_once'?",
        "line 13: 'fee2' is not a key here: did you mean 'fee'?",
        "line 14: first: expected text in quotes, got a whole number",
        "line 44: '9.00 RUB/sms' has the wrong unit: call is priced by min, write 9.00 RUB/min",
        "'title' is missing",
    ]


def group_faults(old: str, new: str) -> list[str]:
    assert old in SMALL_GROUPS
    with pytest.raises(WrongPlan) as caught:
        parse_groups("two.toml", SMALL_GROUPS.replace(old, new, 1))
    return [str(fault) for fault in caught.value.facts["found"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("rest = true", 'prefixes = ["44", "7"]', "line 12: prefix 7 is in group near already"),
        ("rest = true", 'prefixes = ["7845-7847", "7846"]', "line 12: prefix 7846 is in group far already"),
        (
            'prefixes = ["7"]',
            'prefixes = ["7x"]',
            "line 7: prefix '7x' is not digits like 7495, 7495;7499 or 78632-78635",
        ),
        ('prefixes = ["7"]', "rest = true", "line 12: group near takes the rest already"),
        ('prefixes = ["7"]', "", "line 4: group 'near' has no prefixes and does not take the rest"),
        ('code = "far"', 'code = "near"', "line 10: group 'near' stands here a second time"),
        ('code = "far"', 'code = "7495"', "line 10: '7495' is not a code: small letters, digits, '-' and '_'"),
        ("rest = true", "rset = true", "line 12: 'rset' is not a key here: did you mean 'rest'?"),
        ('title = "Далеко"\n', "", "line 9: 'title' is missing"),
    ],
)
def test_each_mistake_in_direction_groups_is_named_with_its_line(old: str, new: str, told: str) -> None:
    assert told in group_faults(old, new)


def test_groups_are_found_by_their_file_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "two.toml").write_text(SMALL_GROUPS)
    find = read_groups(tmp_path)
    found = find("two")
    assert found is not None
    assert [found.group_of(number) for number in ("74951234567", "442071234567")] == ["near", "far"]
    assert find("none") is None
    assert find("../two") is None


@pytest.mark.parametrize("code", CODES)
def test_every_plan_of_k5_is_fine_and_its_file_has_its_name(code: str) -> None:
    assert plan_of(code).code == code


def test_plans_that_plans_name_are_there() -> None:
    for code in CODES:
        plan = plan_of(code)
        assert plan.needs_plan <= set(CODES)
        assert plan.idle is None or plan.idle.becomes in CODES


def test_the_plan_of_the_leaflet_charges_both_legs_from_the_answer_of_b() -> None:
    plan = plan_of("k5")
    assert (plan.deck, plan.decks) == ("k5", {"RUB": "k5", "KGS": "k5-kgs"})
    assert (plan.pays_leg_a, plan.a_leg_from, plan.calls_at_once, plan.max_talk_minutes) == (True, "b_answer", 1, 60)


def test_every_group_file_of_k5_is_used_by_a_plan() -> None:
    files = {path.stem for path in plans.GROUPS.glob("*.toml")}
    assert files == {plan_of(code).groups.code for code in CODES} - {""}
