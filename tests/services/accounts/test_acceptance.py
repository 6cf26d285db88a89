"""The contract is accepted by registering, using or paying; once a version, with its time and way (B1)."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from k5web.domain.accounts.contract import DocumentVersion
from k5web.services.accounts import acceptance, documents, invitations
from k5web.services.ports import start_of_day
from tests.services.accounts import test_sms_inbox as sms
from tests.services.accounts.papers import paper, publish
from tests.services.accounts.test_invitations import join
from tests.services.house import House


def accepted(k5: House, owner_id: int | None = None) -> list[tuple[str, int, datetime, str]]:
    """Return what a subscriber accepted, the newest first, after the worker looked."""
    acceptance.by_conduct(k5.ports)
    found = acceptance.show(k5.ports, owner_id or k5.caller.id).accepted
    return [(each.version.document.kind, each.version.document.number, each.at, each.way) for each in found]


@pytest.fixture
def offer(k5: House) -> DocumentVersion:
    return publish(k5.ports)


def test_whoever_staff_made_has_accepted_nothing_before_the_first_use(k5: House, offer: DocumentVersion) -> None:
    assert accepted(k5) == []
    assert acceptance.show(k5.ports, k5.caller.id).in_force == (offer,)
    k5.top_up("9.99")
    assert accepted(k5) == []
    ordered_at = k5.clock()
    k5.talk(k5.order(), "61")
    [(kind, number, at, way)] = accepted(k5)
    assert (kind, number, way) == ("offer", 1, "use")
    assert at >= ordered_at


def test_a_payment_of_the_least_sum_accepts_and_what_comes_later_changes_nothing(
    k5: House, offer: DocumentVersion
) -> None:
    k5.clock.forward(hours=1)
    paid_at = k5.clock()
    k5.top_up("10.00")
    k5.clock.forward(hours=1)
    k5.talk(k5.order(), "61")
    assert accepted(k5) == [("offer", 1, paid_at, "payment")]
    k5.clock.forward(days=1)
    k5.top_up("100.00")
    assert acceptance.by_conduct(k5.ports) == 0
    assert accepted(k5) == [("offer", 1, paid_at, "payment")]


def test_it_is_shown_before_the_worker_writes_it_down(k5: House, offer: DocumentVersion) -> None:
    k5.top_up("10.00")
    [seen] = acceptance.show(k5.ports, k5.caller.id).accepted
    assert (seen.version, seen.at, seen.way) == (offer, k5.clock(), "payment")
    assert acceptance.by_conduct(k5.ports) == 1
    assert acceptance.show(k5.ports, k5.caller.id).accepted == (seen,)


def test_each_version_is_accepted_within_its_own_time_also_where_the_worker_stood_still(k5: House) -> None:
    publish(k5.ports)
    publish(k5.ports, kind="terms")
    day = k5.ports.today() + timedelta(days=5)
    publish(k5.ports, 2, day)
    k5.clock.now = start_of_day(day) - timedelta(seconds=1)
    before = k5.clock()
    k5.top_up("20.00")
    k5.clock.now = start_of_day(day)
    k5.top_up("20.00")
    assert sorted(accepted(k5)) == [
        ("offer", 1, before, "payment"),
        ("offer", 2, k5.clock(), "payment"),
        ("terms", 1, before, "payment"),
    ]


def test_nothing_accepts_a_version_before_its_day(k5: House, offer: DocumentVersion) -> None:
    second = publish(k5.ports, 2, k5.ports.today() + timedelta(days=1))
    k5.top_up("20.00")
    assert [number for _, number, _, _ in accepted(k5)] == [1]
    assert acceptance.show(k5.ports, k5.caller.id).coming == (second,)


def test_whoever_registers_accepts_what_is_in_force_at_that_moment(k5: House, offer: DocumentVersion) -> None:
    publish(k5.ports, kind="terms")
    code = invitations.make(k5.ports, k5.caller.id, "form").code
    joined = join(k5, code).subscriber
    sms.write(k5.ports, "привет", "1")
    written = sms.member(k5.ports)
    assert written is not None
    at = k5.clock()
    k5.clock.forward(days=1)
    for newcomer in (joined.id, written.id):
        assert sorted(accepted(k5, newcomer)) == [
            ("offer", 1, at, "registration"),
            ("terms", 1, at, "registration"),
        ]


def test_workers_at_once_write_one_acceptance(k5: House, offer: DocumentVersion) -> None:
    k5.top_up("10.00")
    done: list[int] = []
    crowd = [threading.Thread(target=lambda: done.append(acceptance.by_conduct(k5.ports))) for _ in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert sum(done) == 1
    assert len(done) == 4


def test_a_document_without_a_least_payment_of_its_own_has_that_of_the_offer(k5: House, offer: DocumentVersion) -> None:
    bare = replace(paper(kind="terms"), minimum=())
    documents.publish(k5.ports, bare, k5.ports.today(), "staff:ivan")
    k5.top_up("9.99")
    assert accepted(k5) == []
    k5.top_up("10.00")
    at = k5.clock()
    assert sorted(accepted(k5)) == [("offer", 1, at, "payment"), ("terms", 1, at, "payment")]
