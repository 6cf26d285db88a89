"""Documents of the contract: published for ever, ten days ahead where they worsen anything (B1, B2)."""

from datetime import timedelta

import pytest

from k5web.domain.accounts.contract import Section
from k5web.errors import DocumentOrder, DocumentTooSoon, NotFound, PastDay, UnknownParticular
from k5web.services.accounts import documents
from k5web.services.ports import start_of_day
from tests.services.accounts.papers import paper, publish
from tests.services.house import House

IVAN = "staff:ivan"


def test_a_version_takes_force_at_moscow_midnight_and_the_one_before_stays(k5: House) -> None:
    first, day = publish(k5.ports), k5.ports.today() + timedelta(days=1)
    second = publish(k5.ports, 2, day)
    assert second.effective_from == start_of_day(day)
    k5.clock.now = start_of_day(day) - timedelta(seconds=1)
    assert documents.show(k5.ports, "offer") == (first, [first, second])
    assert documents.coming(k5.ports, [first, second]) == [second]
    k5.clock.now = start_of_day(day)
    assert documents.show(k5.ports, "offer")[0] == second
    assert documents.coming(k5.ports, [first, second]) == []
    assert documents.show(k5.ports, "offer", 1)[0] == first


@pytest.mark.parametrize("days", [0, 9])
def test_what_worsens_is_refused_sooner_than_ten_days_ahead(k5: House, days: int) -> None:
    publish(k5.ports)
    k5.clock.now = start_of_day(k5.ports.today() + timedelta(days=1)) - timedelta(seconds=1)  # the day's last second
    today = k5.ports.today()
    with pytest.raises(DocumentTooSoon) as refused:
        documents.publish(k5.ports, paper(2, is_worse=True), today + timedelta(days=days), IVAN)
    assert refused.value.facts["earliest"] == today + timedelta(days=10)
    done = documents.publish(k5.ports, paper(2, is_worse=True), today + timedelta(days=10), IVAN)
    assert done.version is not None


def test_what_worsens_nothing_and_the_first_of_all_may_take_force_at_once(k5: House) -> None:
    first = documents.publish(k5.ports, paper(1, is_worse=True), k5.ports.today(), IVAN)
    assert first.version is not None
    k5.clock.forward(days=1)
    assert publish(k5.ports, 2).document.number == 2


def test_the_same_text_again_writes_nothing_and_another_text_is_refused(k5: House) -> None:
    first = publish(k5.ports)
    again = documents.publish(k5.ports, paper(), k5.ports.today(), "staff:olga")
    assert (again.is_known, again.version) == (True, first)
    for changed, days in ((paper(text="Иное."), 0), (paper(), 1)):
        with pytest.raises(DocumentOrder, match="never changes"):
            documents.publish(k5.ports, changed, k5.ports.today() + timedelta(days=days), IVAN)
    assert documents.listed(k5.ports) == [first]


def test_versions_follow_each_other_by_number_and_day(k5: House) -> None:
    today = k5.ports.today()
    publish(k5.ports, 1, today + timedelta(days=3))
    with pytest.raises(DocumentOrder, match="has the number 2"):
        documents.publish(k5.ports, paper(3), today + timedelta(days=4), IVAN)
    with pytest.raises(DocumentOrder, match="comes later"):
        documents.publish(k5.ports, paper(2), today + timedelta(days=3), IVAN)
    with pytest.raises(PastDay):
        documents.publish(k5.ports, paper(2), today - timedelta(days=1), IVAN)


def test_a_dry_run_says_all_and_writes_nothing(k5: House) -> None:
    done = documents.publish(k5.ports, paper(), k5.ports.today(), IVAN, dry_run=True)
    assert done.version is None
    assert documents.listed(k5.ports) == []
    with pytest.raises(NotFound):
        documents.show(k5.ports, "offer")
    with pytest.raises(NotFound):
        documents.show(k5.ports, "offer", 1)


def test_the_published_text_has_the_operators_particulars_in_it(k5: House) -> None:
    done = documents.publish(k5.ports, paper(text="{name}, ИНН {inn}."), k5.ports.today(), IVAN)
    assert done.document.sections == (Section("Предмет", ("ООО «Ромашка», ИНН 7708789018. Редакция 1.",)),)
    with pytest.raises(UnknownParticular, match="'director'"):
        documents.publish(k5.ports, paper(2, text="{director}"), k5.ports.today() + timedelta(days=1), IVAN)
