"""A stopped subscriber (B9): nothing new begins, what was begun ends by its rules, staff's reason is kept."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.calls.call import CallState, Outcome
from k5web.domain.money import rub
from k5web.domain.payments.top_up import SavedCard, TopUpState
from k5web.errors import ContractEnded, K5Error, NotFound, ServicesSuspended, SubscriberBlocked, WrongLogin, WrongReason
from k5web.services.accounts import accounts, blocking, devices, tokens
from k5web.services.payments import auto_topups, polling, refunds
from k5web.services.payments.auto_topups import Terms
from k5web.storage import outbox
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger
from k5web.storage.payments import saved_card_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import BlockRow
from k5web.web.messaging.speech import say
from tests.conftest import Clock
from tests.services.house import House
from tests.services.net import Net
from tests.services.payments.shop import Shop
from tests.services.visits import RIGHT, WRONG, log_in, refusal, token


@pytest.fixture
def shop(sessions: Sessions) -> Shop:
    return Shop(sessions, Clock())


def block(k5: House, reason: str = "a stolen phone") -> None:
    blocking.block(k5.ports, k5.caller.id, "staff:ivan", reason)


def unblock(k5: House, reason: str = "found again") -> bool:
    return blocking.unblock(k5.ports, k5.caller.id, "staff:olga", reason)


def test_a_block_is_kept_with_who_why_and_when(k5: House) -> None:
    began = k5.clock()
    block(k5)
    k5.clock.forward(hours=1)
    block(k5, "the bank asks, too")
    assert accounts.find_subscriber(k5.ports, str(k5.caller.id)).blocked_at == began, "since the first one"
    k5.clock.forward(hours=1)
    assert unblock(k5)
    assert not unblock(k5), "there is nothing to take back"
    kept = blocking.history(k5.ports, k5.caller.id)
    assert [(one.is_blocked, one.actor, one.reason) for one in kept] == [
        (True, "staff:ivan", "a stolen phone"),
        (True, "staff:ivan", "the bank asks, too"),
        (False, "staff:olga", "found again"),
    ]
    assert (kept[2].at - kept[0].at).total_seconds() == 7200
    assert accounts.find_subscriber(k5.ports, str(k5.caller.id)).blocked_at is None


def test_the_history_of_blocks_cannot_be_rewritten(k5: House) -> None:
    block(k5)
    for change in (update(BlockRow).values(reason="no reason"), delete(BlockRow)):
        with pytest.raises((IntegrityError, ProgrammingError)), k5.ports.sessions.begin() as db:
            db.execute(change)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "two\nlines", "\x1b[31m"])
def test_a_block_needs_a_reason_that_can_be_read(k5: House, reason: str) -> None:
    assert isinstance(refusal(lambda: block(k5, reason)), WrongReason)
    assert blocking.history(k5.ports, k5.caller.id) == []


def test_nobody_is_blocked_who_is_not_there(k5: House) -> None:
    assert isinstance(refusal(lambda: blocking.block(k5.ports, 424242, "staff:ivan", "why")), NotFound)


def test_a_blocked_one_is_told_after_the_right_password_alone(k5: House) -> None:
    block(k5)
    assert isinstance(refusal(lambda: log_in(k5, password=WRONG)), WrongLogin), "or it would tell who is a subscriber"
    assert isinstance(refusal(lambda: log_in(k5)), SubscriberBlocked)
    assert devices.list_devices(k5.ports, k5.caller.id).live == []
    unblock(k5)
    assert log_in(k5).subscriber.id == k5.caller.id


def test_a_blocked_one_orders_no_call_and_no_money_is_held(k5: House) -> None:
    k5.top_up("100.00")
    block(k5)
    assert isinstance(refusal(k5.order), SubscriberBlocked)
    assert k5.held() == rub("0.00")
    unblock(k5)
    assert k5.order().state is CallState.RESERVED


def test_an_order_in_the_queue_is_not_placed_and_its_money_is_free(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order(key="mine")
    block(k5)
    assert (k5.call(call).state, k5.call(call).outcome) == (CallState.NOT_PLACED, Outcome.BLOCKED)
    k5.work()
    assert k5.switch.orders == []
    assert k5.order(key="mine").id == call.id, "the same form still gets its own call"
    k5.assert_sound()


def test_a_call_under_way_ends_by_its_rules_and_is_charged(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    k5.work()
    block(k5)
    ended = k5.talk_on(call, "61")
    assert ended.state is CallState.SETTLED
    assert k5.charges() == ["-4.40"]
    k5.assert_sound()


def test_a_block_and_an_order_at_the_same_moment_leave_nothing_in_the_queue(k5: House) -> None:
    """The account's lock lets one of them in first: either the order is refused or it is given up."""
    k5.top_up("100.00")
    for round_ in range(6):
        barrier = threading.Barrier(2)
        outcomes: list[str] = []

        def run(act: Callable[[], object], barrier: threading.Barrier, outcomes: list[str]) -> None:
            barrier.wait()
            try:
                act()
                outcomes.append("done")
            except K5Error as refused:
                outcomes.append(refused.code)

        acts: list[Callable[[], object]] = [lambda round_=round_: k5.order(key=f"at once {round_}"), lambda: block(k5)]  # type: ignore[misc]
        threads = [threading.Thread(target=run, args=(act, barrier, outcomes)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) in (["blocked", "done"], ["done", "done"])
        k5.work()
        assert k5.switch.orders == []
        assert k5.held() == rub("0.00")
        unblock(k5)
    k5.assert_sound()


def test_a_program_of_a_blocked_one_is_refused_whether_it_looks_or_calls(k5: House) -> None:
    text = tokens.make_token(k5.ports, k5.caller.id, "shop", may_call=True)
    block(k5)
    for to_change in (False, True):
        refused = refusal(lambda to_change=to_change: tokens.recognise(k5.ports, text, to_change=to_change))  # type: ignore[misc]
        assert isinstance(refused, SubscriberBlocked)
    unblock(k5)
    assert tokens.recognise(k5.ports, text, to_change=True).subscriber.id == k5.caller.id


def test_a_remembered_phone_stays_remembered_for_the_day_the_block_ends(k5: House) -> None:
    cookie = token(log_in(k5))
    block(k5)
    known = devices.recognise(k5.ports, cookie)
    assert known
    assert known.subscriber.blocked_at is not None


def test_a_network_is_told_that_the_account_is_inactive_and_its_known_payments_keep_their_answer(
    sessions: Sessions,
) -> None:
    net = Net(sessions, Clock())
    first = net.pays(key="1")
    block(net)
    assert net.checks() == "refused account_inactive"
    assert net.pays(key="2") == "refused account_inactive"
    assert net.pays(key="1") == first, "credited before the block: the first answer for ever"
    assert net.balance() == rub("250.00")


def test_no_top_up_begins_and_one_under_way_is_credited(shop: Shop) -> None:
    begun = shop.begin("form-1")
    block(shop)
    assert isinstance(refusal(lambda: shop.begin("form-2")), SubscriberBlocked)
    assert len(shop.connector.started) == 1
    assert shop.begin("form-1").reference == begun.reference, "the same form leads to what it began"
    shop.provider_says(begun.number, TopUpState.PAID)
    shop.clock.forward(minutes=5)
    shop.clock.forward(minutes=20)
    polling.poll(shop.ports)
    assert shop.balance() == rub("100.00")
    assert refunds.refund(shop.ports, begun.reference, rub("100.00"), "staff:ivan").state is TopUpState.REFUNDED
    shop.assert_sound()


def test_an_automatic_top_up_waits_for_the_end_of_the_block(shop: Shop) -> None:
    shop.connector.offers_keeping = True  # type: ignore[attr-defined]
    with shop.ports.sessions.begin() as db:
        saved_card_rows.keep(db, shop.caller.id, "fake:bank", SavedCard("bind-1", "4111**1111", "203012"), shop.clock())
    auto_topups.set_up(shop.ports, shop.caller.id, Terms(1, rub("50.00"), rub("100.00"), rub("300.00")))
    block(shop)
    auto_topups.run_due(shop.ports)
    assert shop.connector.started == []
    wish = auto_topups.find(shop.ports, shop.caller.id)
    assert wish
    assert wish.round == 0, "it is not even taken up"
    unblock(shop)
    auto_topups.run_due(shop.ports)
    assert [top_up.is_automatic for top_up in shop.connector.started] == [True]


def test_a_crossing_found_just_before_the_block_is_served_after_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with shop.ports.sessions.begin() as db:
        saved_card_rows.keep(db, shop.caller.id, "fake:bank", SavedCard("bind-1", "4111**1111", "203012"), shop.clock())
    auto_topups.set_up(shop.ports, shop.caller.id, Terms(1, rub("50.00"), rub("100.00"), rub("300.00")))
    take_up = auto_topups._take_up

    def taken_then_blocked(ports: object, owner_id: int) -> object:
        wish = take_up(shop.ports, owner_id)
        block(shop)
        return wish

    monkeypatch.setattr(auto_topups, "_take_up", taken_then_blocked)
    auto_topups.run_due(shop.ports)
    monkeypatch.undo()
    assert shop.connector.started == []
    unblock(shop)
    auto_topups.run_due(shop.ports)
    assert len(shop.connector.started) == 1
    wish = auto_topups.find(shop.ports, shop.caller.id)
    assert wish
    assert wish.off_why is None


def test_the_password_may_be_right_and_the_block_newer(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read by a standby that lags, the account looked free; where the device is written down it is asked again."""
    find = accounts._find_with_hash

    def found_then_blocked(ports: object, login: str) -> object:
        found = find(k5.ports, login)
        block(k5)
        return found

    monkeypatch.setattr(accounts, "_find_with_hash", found_then_blocked)
    assert isinstance(refusal(lambda: log_in(k5, password=RIGHT)), SubscriberBlocked)


def suspend(k5: House, reason: str = "спам с вашего номера") -> None:
    blocking.suspend(k5.ports, k5.caller.id, "staff:ivan", reason)


def notices(k5: House, kind: outbox.Kind) -> list[dict[str, object]]:
    with k5.ports.sessions.read() as db:
        return [message.facts for message in outbox.of_kind(db, k5.caller.id, kind)]


def test_a_breach_stops_the_services_and_leaves_the_cabinet_and_payments(k5: House) -> None:
    k5.top_up("100.00")
    cookie = token(log_in(k5))
    suspend(k5)
    assert isinstance(refusal(k5.order), ServicesSuspended)
    assert k5.held() == rub("0.00")
    assert devices.recognise(k5.ports, cookie)
    assert log_in(k5).subscriber.suspended_at == k5.clock()
    k5.top_up("50.00")
    assert k5.balance() == rub("150.00")


def test_an_order_in_the_queue_is_given_up_when_services_are_suspended(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.order()
    suspend(k5)
    assert k5.call(call).outcome is Outcome.BLOCKED
    k5.assert_sound()


def test_the_notice_of_a_breach_says_why_and_until_when_and_its_end_is_told_too(k5: House) -> None:
    suspend(k5)
    assert notices(k5, "suspended") == [
        {"reason": "спам с вашего номера", "until": "2027-06-01", "is_first": True},
    ]
    assert "до 01.06.2027" in say("suspended", notices(k5, "suspended")[0], "ru").text
    k5.clock.forward(hours=1)
    suspend(k5, "и поддельный паспорт")
    found = blocking.notice(k5.ports, accounts.find_subscriber(k5.ports, str(k5.caller.id)))
    assert found
    assert (found.reason, found.overdue.borne_until) == ("и поддельный паспорт", date(2027, 6, 1)), "since the first"
    assert blocking.resume(k5.ports, k5.caller.id, "staff:olga", "settled")
    assert not blocking.resume(k5.ports, k5.caller.id, "staff:olga", "again")
    assert len(notices(k5, "resumed")) == 1
    assert blocking.notice(k5.ports, accounts.find_subscriber(k5.ports, str(k5.caller.id))) is None
    k5.top_up("100.00")
    assert k5.order().state is CallState.RESERVED


def test_a_block_and_a_breach_end_each_by_itself(k5: House) -> None:
    k5.top_up("100.00")
    block(k5)
    suspend(k5)
    unblock(k5)
    assert isinstance(refusal(k5.order), ServicesSuspended)
    assert [(one.kind, one.is_blocked) for one in blocking.history(k5.ports, k5.caller.id)] == [
        ("block", True),
        ("breach", True),
        ("block", False),
    ]


def overdue_on(k5: House, moment: datetime) -> list[bool]:
    k5.clock.now = moment
    return [each.is_over(k5.ports.today()) for each in blocking.overdue(k5.ports)]


def test_six_months_after_the_notice_the_contract_may_end_and_not_a_day_before(k5: House) -> None:
    k5.clock.now = datetime(2026, 8, 31, 20, 30, tzinfo=UTC)  # 31 August, 23:30 in Moscow
    suspend(k5)
    assert overdue_on(k5, datetime(2027, 2, 28, 20, 59, tzinfo=UTC)) == [False]
    assert overdue_on(k5, datetime(2027, 2, 28, 21, 0, tzinfo=UTC)) == [True], "1 March in Moscow"


def test_two_months_below_zero_are_counted_from_the_day_the_account_fell(k5: House) -> None:
    k5.top_up("10.00")
    assert blocking.overdue(k5.ports) == []
    fall(k5, "30.00", "1")
    k5.clock.forward(days=20)
    fall(k5, "5.00", "2")  # deeper: the same debt
    assert [(each.why, each.since) for each in blocking.overdue(k5.ports)] == [("debt", date(2026, 12, 1))]
    assert overdue_on(k5, datetime(2027, 2, 1, 20, 59, tzinfo=UTC)) == [False]
    assert overdue_on(k5, datetime(2027, 2, 1, 21, 0, tzinfo=UTC)) == [True]
    k5.top_up("25.00")
    assert blocking.overdue(k5.ports) == [], "paid to the kopeck"
    fall(k5, "1.00", "3")
    assert [each.since for each in blocking.overdue(k5.ports)] == [k5.ports.today()], "another debt, its own term"


def test_a_contract_that_has_ended_bears_nothing_any_more(k5: House) -> None:
    suspend(k5)
    fall(k5, "30.00", "1")
    assert [each.why for each in blocking.overdue(k5.ports)] == ["debt", "breach"]
    with k5.ports.sessions.begin() as db:
        subscribers.set_ended(db, k5.caller.id, k5.clock())
    assert blocking.overdue(k5.ports) == []


@pytest.mark.parametrize("was_suspended", [False, True])
def test_after_a_contracts_end_no_service_is_suspended_or_goes_on_and_nobody_is_told(
    k5: House, was_suspended: bool
) -> None:
    if was_suspended:
        suspend(k5)
    with k5.ports.sessions.begin() as db:
        subscribers.set_ended(db, k5.caller.id, k5.clock())
    assert type(refusal(lambda: suspend(k5))) is ContractEnded
    assert type(refusal(lambda: blocking.resume(k5.ports, k5.caller.id, "staff:ivan", "settled"))) is ContractEnded
    assert len(notices(k5, "suspended")) == was_suspended
    assert notices(k5, "resumed") == []


def fall(k5: House, amount: str, key: str) -> None:
    """Take a sum as a bank takes a payment back: below zero where it must be."""
    purse = k5.purse()
    move = Move(purse.account_id, -rub(amount).minor, "loss")
    event = Event(k5.caller.id, EventName("chargeback", key), (move,), "staff:ivan", k5.clock())
    with k5.ports.sessions.begin() as db:
        ledger.record(db, event, k5.ports.today(), k5.clock())
