"""Rules as rows, on both databases."""

from datetime import UTC, datetime, timedelta

from k5web.domain.pbx.image import KeptRule
from k5web.domain.pbx.rule import Rule, Voicemail
from k5web.storage.pbx import rule_rows
from k5web.storage.pbx.rule_rows import RuleVersion
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
A, RULE = "74951110001", Rule({"start": Voicemail(60)})


def test_versions_are_appended_and_the_newest_counts(sessions: Sessions) -> None:
    later = NOW + timedelta(minutes=1)
    with sessions.begin() as db:
        assert rule_rows.newest(db, 7, A) == KeptRule(0, None)
        assert rule_rows.add(db, 7, A, RULE, NOW, "x") == 1
        assert rule_rows.add(db, 7, A, None, later, "y") == 2
        assert rule_rows.add(db, 7, "id", RULE, NOW, "x") == 1
        assert rule_rows.add(db, 8, A, RULE, NOW, "x") == 1
    with sessions.read() as db:
        assert rule_rows.newest(db, 7, A) == KeptRule(2, None)
        assert rule_rows.find(db, 7, A, 1) == KeptRule(1, RULE)
        assert rule_rows.find(db, 7, A, 3) is None
        assert rule_rows.versions(db, 7, A, 5) == [
            RuleVersion(2, later, "y", is_default=True),
            RuleVersion(1, NOW, "x", is_default=False),
        ]
        assert len(rule_rows.versions(db, 7, A, 1)) == 1


def test_a_caller_is_refused_once_and_taken_again_once(sessions: Sessions) -> None:
    later = NOW + timedelta(minutes=1)
    with sessions.begin() as db:
        rule_rows.add_black(db, 7, "79161234567", NOW)
        rule_rows.add_black(db, 7, "79161234567", later)
        rule_rows.add_black(db, 7, "79161234568", later)
        assert rule_rows.black(db, 7) == ["79161234568", "79161234567"]
        assert [rule_rows.remove_black(db, 7, "79161234567") for _ in range(2)] == [True, False]
        assert not rule_rows.remove_black(db, 8, "79161234568")
        assert rule_rows.black(db, 7) == ["79161234568"]


def test_all_rules_that_a_call_may_still_follow(sessions: Sessions) -> None:
    first, second, third = (Rule({"start": Voicemail(seconds)}) for seconds in (30, 60, 120))
    with sessions.begin() as db:
        for minutes, number, rule in (
            (0, A, first),
            (10, A, second),
            (20, A, third),
            (0, "id", first),
            (5, "id", None),
        ):
            rule_rows.add(db, 7, number, rule, NOW + timedelta(minutes=minutes), "x")
        rule_rows.add(db, 8, A, first, NOW, "x")

        def since(minutes: int) -> set[tuple[str, int]]:
            found = rule_rows.in_force_since(db, 7, NOW + timedelta(minutes=minutes))
            return {(number, rule.steps["start"].seconds) for number, rule in found}  # type: ignore[union-attr]

        assert since(-1) == {(A, 30), (A, 60), (A, 120), ("id", 30)}
        assert since(9) == {(A, 30), (A, 60), (A, 120)}
        assert since(10) == {(A, 60), (A, 120)}
        assert since(30) == {(A, 120)}
