"""The contract is accepted by registering, using or paying; once a version, with its time and way (B1)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from k5web.domain.accounts.contract import DocumentVersion
from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import acceptance, documents, invitations
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.payments.topups import credit
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


@contextmanager
def counted(k5: House) -> Iterator[list[str]]:
    """Collect the statements that run meanwhile."""
    found: list[str] = []
    with k5.ports.sessions.read() as db:
        engines = {db.get_bind()}
    with k5.ports.sessions.begin() as db:
        engines.add(db.get_bind())

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield found
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


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


def test_nothing_accepts_a_version_before_it_is_published(k5: House) -> None:
    k5.top_up("20.00")
    k5.clock.forward(hours=3)
    publish(k5.ports)
    assert accepted(k5) == []
    k5.clock.forward(hours=1)
    k5.top_up("20.00")
    assert accepted(k5) == [("offer", 1, k5.clock(), "payment")]


def test_many_are_looked_at_by_few_statements_and_nothing_is_locked_where_nobody_accepted(
    k5: House, offer: DocumentVersion
) -> None:
    for count in (1, 20):
        for n in range(count):
            small = add_subscriber(k5.ports, Msisdn(f"79161{count:02}{n:04}"), "correct horse", "Б")
            name = EventName("test:bank", f"{count}-{n}")
            credit(k5.ports, small.id, name, rub("1.00"), "cash.test", "connector:test", k5.clock())
        with counted(k5) as statements:
            assert acceptance.by_conduct(k5.ports) == 0
        if count == 1:
            few = len(statements)
    assert len(statements) == few
    assert not any(each.startswith(("BEGIN IMMEDIATE", "INSERT")) for each in statements)
