"""What waits for a person stands in one order: the overdue, what is due at once, the rest by its day."""

from datetime import date

from k5web.domain.desk.work import WorkCount, WorkItem, WorkKind, counted, in_order

TODAY = date(2026, 12, 10)
BEFORE = date(2026, 12, 1)


def item(kind: WorkKind, key: str, due: date | None, owner_id: int = 1) -> WorkItem:
    return WorkItem(kind, owner_id, key, BEFORE, due)


LATE = item(WorkKind.CLAIM, "a", date(2026, 12, 9))
LATER = item(WorkKind.CLAIM, "b", date(2026, 12, 8))
AT_ONCE = item(WorkKind.INCIDENT, "c", None)
TODAYS = item(WorkKind.ADVANCE, "d", TODAY)
COMING = item(WorkKind.ENDING, "e", date(2027, 1, 1))


def test_the_longest_overdue_is_first_and_what_has_no_day_is_due_at_once() -> None:
    found = in_order([COMING, TODAYS, AT_ONCE, LATE, LATER], TODAY)
    assert found == [LATER, LATE, AT_ONCE, TODAYS, COMING]


def test_its_last_day_is_not_late_yet() -> None:
    assert [each.is_late(TODAY) for each in (LATE, TODAYS, AT_ONCE)] == [True, False, False]


def test_places_of_a_hundred_owners_sort_as_numbers_do() -> None:
    items = [item(WorkKind.CLAIM, "a", TODAY, owner_id) for owner_id in (100000, 9, 10)]
    assert [each.owner_id for each in in_order(items, TODAY)] == [9, 10, 100000]


def test_each_kind_is_counted_with_its_overdue() -> None:
    assert counted([COMING, LATE, LATER, TODAYS], TODAY) == [
        WorkCount(WorkKind.CLAIM, 2, 2),
        WorkCount(WorkKind.ADVANCE, 1, 0),
        WorkCount(WorkKind.ENDING, 1, 0),
    ]
