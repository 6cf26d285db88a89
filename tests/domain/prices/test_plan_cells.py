"""Each cell of a plan has one rule: gaps, overlaps and rules that nothing reaches are named."""

from datetime import UTC, datetime

from k5web.domain.money import Price, rub
from k5web.domain.prices.plan import Condition, DirectionGroup, Fee, GroupSet, Option, Plan, RateRule, State
from k5web.domain.prices.plan_cells import Fault, PriceGrid, find_faults, state_of
from k5web.domain.prices.prefix_table import PrefixTable
from k5web.domain.prices.usage import Every, Kind, UsageEvent, Zone

GROUPS = GroupSet(
    "two",
    {"near": DirectionGroup("near", "Близко"), "far": DirectionGroup("far", "Далеко")},
    PrefixTable({"7": "near"}),
    rest="far",
)
HOME, RUSSIA = frozenset({Zone.HOME}), frozenset({Zone.RUSSIA})
BOTH = HOME | RUSSIA


def rule(
    name: str, groups: str = "", zones: frozenset[Zone] = BOTH, kind: Kind = Kind.CALL, *conditions: Condition
) -> RateRule:
    return RateRule(name, kind, zones, frozenset(groups.split()), conditions, Price.parse("1.00"))


def when(*states: State) -> Condition:
    return Condition("bonus", frozenset(states))


def plan_of(*rules: RateRule) -> Plan:
    bonus = Option("bonus", "Бонус", Fee(rub("1.00"), Every.DAY))
    return Plan("test", "", "b_answer", 1, options={"bonus": bonus}, rates=rules, groups=GROUPS)


def event(kind: Kind = Kind.CALL, zone: Zone = Zone.HOME, options: str = "", unpaid: str = "") -> UsageEvent:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    return UsageEvent(at, kind, "7", 1, zone, frozenset(options.split()), frozenset(unpaid.split()))


def test_a_plan_whose_every_cell_has_one_rule_is_fine() -> None:
    whole = plan_of(
        rule("rate 1", "near"),
        rule("rate 2", "far", HOME, Kind.CALL, when(State.ON, State.UNPAID)),
        rule("rate 3", "far", HOME, Kind.CALL, when(State.OFF)),
        rule("rate 4", "far", RUSSIA),
        rule("rate 5", kind=Kind.DATA),
    )
    assert find_faults(whole) == []


def test_a_gap_is_named_with_kind_group_zone_and_the_states_of_options() -> None:
    found = find_faults(plan_of(rule("rate 1", "near"), rule("rate 2", "far", BOTH, Kind.CALL, when(State.ON))))
    assert Fault("", "no rule prices call to far, zone home, bonus off") in found
    assert Fault("", "no rule prices call to far, zone russia, bonus unpaid") in found
    assert len(found) == 4


def test_an_overlap_is_named_with_both_rules() -> None:
    found = find_faults(plan_of(rule("rate 1"), rule("rate 2", "near", HOME)))
    assert found == [Fault("rate 2", "prices the same as rate 1: call to near, zone home")]


def test_a_rule_whose_conditions_never_meet_is_named() -> None:
    never = find_faults(plan_of(rule("rate 1", kind=Kind.DATA), rule("rate 2", "near", kind=Kind.DATA)))
    assert never == [Fault("rate 2", "can never be reached: nothing fits all its conditions")]


def test_more_cases_than_a_plan_for_people_has_are_refused_without_looking_at_each() -> None:
    many = [f"o{n}" for n in range(30)]
    rules = [rule(f"rate {n}", "", BOTH, Kind.DATA, Condition(code, frozenset(State))) for n, code in enumerate(many)]
    assert find_faults(plan_of(*rules)) == [Fault("", "data has too many cases: 30 options in 1 groups")]


def test_the_grid_finds_the_rule_by_zone_group_and_the_state_of_the_option() -> None:
    grid = PriceGrid(
        plan_of(
            rule("rate 1", "", HOME, Kind.CALL, when(State.ON)),
            rule("rate 2", "", HOME, Kind.CALL, when(State.UNPAID, State.OFF)),
            rule("rate 3", "", RUSSIA),
        )
    )
    names = [
        grid.rule_of(event(options="bonus"), "near"),
        grid.rule_of(event(unpaid="bonus"), "near"),
        grid.rule_of(event(), "far"),
        grid.rule_of(event(zone=Zone.RUSSIA), "far"),
    ]
    assert [found and found.name for found in names] == ["rate 1", "rate 2", "rate 2", "rate 3"]
    assert grid.rule_of(event(Kind.SMS), "near") is None
    assert grid.kinds == {Kind.CALL}


def test_an_option_is_on_unpaid_or_off() -> None:
    assert state_of(event(options="bonus"), "bonus") is State.ON
    assert state_of(event(unpaid="bonus"), "bonus") is State.UNPAID
    assert state_of(event(options="other"), "bonus") is State.OFF
