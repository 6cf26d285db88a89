"""Claims: a charge is disputed in time, answered once, given back to the kopeck (B11)."""

import threading
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k5web.domain.books.claim import Claim, ClaimForm
from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import Money, rub
from k5web.errors import (
    ClaimAnswered,
    K5Error,
    NotClaimable,
    NotFound,
    RefundTooLarge,
    SubscriberErased,
    WrongClaim,
    WrongReason,
)
from k5web.services.accounts import blocking, endings, erasure
from k5web.services.books import claims, corrections, statements
from k5web.services.books.verify import verify
from k5web.storage.accounts import acceptance_rows
from k5web.storage.books import ledger, statement_rows
from k5web.storage.messaging import outbox_rows
from tests.services.house import House
from tests.services.prices.test_call_covers import GIFT, on_go, use_up
from tests.services.prices.test_subscriptions import fresh, left

ANNA, IVAN, OLGA = "subscriber:100001", "staff:ivan", "staff:olga"
KEYS = count()
BANK: dict[str, Any] = {"recipient": "Анна Петрова", "account": "40817810000000000001", "bank": "044525225"}


def take(k5: House, minor: int, key: str, origin: str = "order", counter: str = "sale.order") -> int:
    """Take money for something; return the movement's place."""
    with k5.ports.sessions.begin() as db:
        move = Move(ledger.purse(db, k5.caller.id).account_id, -minor, counter)
        event = Event(k5.caller.id, EventName(origin, key), (move,), "test", k5.clock())
        return ledger.record(db, event, k5.ports.today(), k5.clock()).postings[0].seq


def form(key: str = "form-1", minor: int = 220, **said: Any) -> ClaimForm:
    values: dict[str, Any] = {"disputed": Money(minor), "reason": "price", "text": "", "form_key": key}
    return ClaimForm(**values | said)


def dispute(k5: House, seq: int, key: str = "form-1", minor: int = 220, **said: Any) -> Claim:
    return claims.open_claim(k5.ports, k5.caller.id, seq, form(key, minor, **said), ANNA)


def uphold(k5: House, n: int = 1, minor: int | None = None, by: str = IVAN, to_bank: bool | None = None) -> Claim:
    sum_given = None if minor is None else Money(minor)
    return claims.uphold(k5.ports, k5.caller.id, n, sum_given, to_bank=to_bank, answer="связь рвалась", actor=by)


def why_not(k5: House, seq: int) -> object:
    with pytest.raises(NotClaimable) as refusal:
        dispute(k5, seq, "another form")
    return refusal.value.facts["why"]


def sound(k5: House) -> None:
    assert list(verify(k5.ports)) == []


def moves(k5: House) -> list[tuple[str, str]]:
    lines = statements.statement(k5.ports, k5.caller.id, limit=100).lines
    return [(str(line.posting.name), str(line.posting.amount)) for line in reversed(lines)]


def told(k5: House) -> list[str]:
    with k5.ports.sessions.read() as db:
        return [each.kind for each in outbox_rows.due(db, k5.clock() + timedelta(days=1), 100)]


@pytest.fixture
def charged(k5: House) -> House:
    """Ten roubles, of which a call took 2.20 (movement 2)."""
    k5.top_up("10.00")
    k5.talk(k5.order(), "55")
    assert k5.balance() == rub("7.80")
    return k5


def test_a_claim_changes_nothing_but_says_when_it_is_answered(charged: House) -> None:
    opened = dispute(charged, 2, text=" линия \r\n рвалась ")
    assert (opened.n, opened.charged, opened.disputed) == (1, rub("2.20"), rub("2.20"))
    assert (opened.text, opened.due_on, opened.opened_by) == ("линия рвалась", date(2026, 12, 31), ANNA)
    assert charged.balance() == rub("7.80")
    assert charged.held() == rub("0.00")
    assert claims.of_owner(charged.ports, charged.caller.id) == [opened] == claims.waiting(charged.ports)
    sound(charged)


def test_the_same_form_is_one_claim_and_another_about_the_same_charge_is_refused(charged: House) -> None:
    assert dispute(charged, 2) == dispute(charged, 2)
    assert why_not(charged, 2) == "open"
    assert len(claims.of_owner(charged.ports, charged.caller.id)) == 1


def test_many_who_press_at_once_open_one(charged: House) -> None:
    refused: list[K5Error] = []

    def press(n: int) -> None:
        try:
            dispute(charged, 2, f"form-{n}")
        except K5Error as error:
            refused.append(error)

    crowd(press)
    assert [type(error) for error in refused] == [NotClaimable] * 3
    assert len(claims.of_owner(charged.ports, charged.caller.id)) == 1


@pytest.mark.parametrize(
    ("now", "is_late"),
    [
        (datetime(2027, 1, 20, 20, 59, 59, tzinfo=UTC), False),  # 20 January 23:59:59 in Moscow
        (datetime(2027, 1, 20, 21, 0, tzinfo=UTC), True),  # 21 January 00:00 in Moscow
    ],
)
def test_december_is_disputed_until_the_end_of_the_twentieth_of_january(
    charged: House, now: datetime, is_late: bool
) -> None:
    charged.clock.now = now
    found = claims.look(charged.ports, charged.caller.id, 2)
    assert found.last_day == date(2027, 1, 20)
    if is_late:
        assert found.refusal is not None
        assert why_not(charged, 2) == "late"
    else:
        assert found.refusal is None
        assert dispute(charged, 2).due_on == date(2027, 2, 19)


def test_a_charge_of_the_last_minute_of_a_month_belongs_to_that_month(k5: House) -> None:
    k5.clock.now = datetime(2026, 12, 31, 20, 59, 59, tzinfo=UTC)
    before = take(k5, 100, "old")
    k5.clock.forward(seconds=1)
    after = take(k5, 100, "new")
    days = [claims.look(k5.ports, k5.caller.id, seq).last_day for seq in (before, after)]
    assert days == [date(2027, 1, 20), date(2027, 2, 20)]


def test_a_letter_that_came_in_time_may_be_typed_in_later(charged: House) -> None:
    charged.clock.now = datetime(2027, 1, 22, 9, 0, tzinfo=UTC)
    opened = claims.open_claim(charged.ports, charged.caller.id, 2, form(), IVAN, date(2027, 1, 20))
    assert (opened.due_on, opened.opened_by) == (date(2027, 2, 19), IVAN)


def test_day_thirty_is_in_time_and_day_thirty_one_is_late(charged: House) -> None:
    opened = dispute(charged, 2)
    charged.clock.now = datetime(2026, 12, 31, 20, 59, 59, tzinfo=UTC)
    assert not opened.is_late(charged.ports.today())
    charged.clock.forward(seconds=1)
    assert opened.is_late(charged.ports.today())


def test_the_nearest_deadline_comes_first_whether_an_answer_or_a_payment(charged: House) -> None:
    later = take(charged, 100, "b")
    dispute(charged, 2)
    charged.clock.forward(days=1)
    dispute(charged, later, "form-2", 100, **BANK)
    uphold(charged, 2)
    assert [each.n for each in claims.waiting(charged.ports)] == [2, 1]


@pytest.mark.parametrize("wrong", [0, -1, 221])
def test_no_more_than_the_charge_may_be_disputed(charged: House, wrong: int) -> None:
    with pytest.raises(WrongClaim, match="sum"):
        dispute(charged, 2, minor=wrong)


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"disputed": Money(100, "KGS")}, "sum"),
        ({"text": "a" * 1001}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"text": "\u202eab"}, "text"),
        ({"text": "", "reason": "other"}, "text"),
        ({"reason": "bad mood"}, "reason"),
    ],
)
def test_what_cannot_be_read_is_refused(charged: House, said: dict[str, Any], key: str) -> None:
    with pytest.raises(WrongClaim) as refusal:
        dispute(charged, 2, **said)
    assert refusal.value.facts["key"] == key


def test_what_came_in_and_what_went_elsewhere_is_no_charge(charged: House) -> None:
    assert why_not(charged, 1) == "no_charge"
    sent = take(charged, 100, "to somebody", "transfer", "transfer")
    assert why_not(charged, sent) == "no_charge"
    corrections.reverse(charged.ports, charged.caller.id, EventName("call", f"{charged.caller.id}-1"), IVAN)
    assert why_not(charged, 2) == "returned"
    assert why_not(charged, sent + 1) == "no_charge", "the reversal itself"
    with pytest.raises(NotFound):
        claims.look(charged.ports, charged.caller.id, 99)


def test_another_owner_has_other_claims(charged: House) -> None:
    dispute(charged, 2)
    with pytest.raises(NotFound):
        claims.find(charged.ports, charged.caller.id + 1, 1)


def test_the_whole_goes_back_by_a_reversal_once_however_often_it_is_said(charged: House) -> None:
    dispute(charged, 2)
    answered = uphold(charged)
    assert uphold(charged) == answered
    assert (answered.given, answered.answer, answered.answered_by) == (rub("2.20"), "связь рвалась", IVAN)
    assert charged.balance() == rub("10.00")
    assert moves(charged)[-1] == ("reversal call 100001-1", "2.20")
    assert [kind for kind in told(charged) if kind.startswith("claim")] == ["claim_answered"]
    assert why_not(charged, 2) == "returned"
    sound(charged)


def test_a_part_goes_back_by_a_reversal_and_the_right_charge(charged: House) -> None:
    dispute(charged, 2, minor=150)
    answered = uphold(charged, minor=75)
    assert answered.outcome == "partly"
    assert charged.balance() == rub("8.55")
    assert moves(charged)[-2:] == [("reversal call 100001-1", "2.20"), ("call 100001-1#2", "-1.45")]
    assert why_not(charged, 4) == "corrected"
    assert statements.line(charged.ports, charged.caller.id, 4).call is not None
    sound(charged)


def test_the_right_charge_is_no_use_of_the_service_and_accepts_no_contract(charged: House) -> None:
    dispute(charged, 2)
    charged.clock.forward(days=20)
    uphold(charged, minor=100)
    with charged.ports.sessions.read() as db:
        assert statement_rows.last_day_of(db, charged.caller.id, ["call"]) == date(2026, 12, 1)
        day = acceptance_rows.InForce(charged.clock(), None, charged.ports.today(), ())
        assert acceptance_rows.first_conduct(db, [charged.caller.id], day) == {}


def test_a_fee_of_another_kind_is_corrected_under_the_claims_name(k5: House) -> None:
    k5.top_up("10.00")
    seq = take(k5, 500, "number 74951234567 form")
    dispute(k5, seq, minor=500)
    uphold(k5, minor=100)
    assert moves(k5)[-1] == ("claim order number 74951234567 form", "-4.00")
    assert k5.balance() == rub("6.00")
    sound(k5)


def test_the_right_charge_is_a_fact_where_nothing_is_left(k5: House) -> None:
    seq = take(k5, 500, "a")
    assert k5.balance() == Money(-500)
    dispute(k5, seq, minor=500)
    uphold(k5, minor=1)
    assert k5.balance() == Money(-499)
    sound(k5)


@pytest.mark.parametrize(("back", "seconds", "balance"), [(169, 60, "2.00"), (1, 0, "0.32")])
def test_the_minutes_of_a_package_come_back_with_the_whole_charge_only(
    k5: House, back: int, seconds: int, balance: str
) -> None:
    on_go(k5)
    use_up(k5, 99)
    k5.talk(k5.order(caller=fresh(k5)), "61")
    assert (left(k5), k5.balance()) == ({GIFT: 0}, rub("0.31"))
    seq = statements.statement(k5.ports, k5.caller.id).lines[0].posting.seq
    dispute(k5, seq, minor=169)
    uphold(k5, minor=back)
    assert (left(k5), k5.balance()) == ({GIFT: seconds}, rub(balance))
    sound(k5)


def test_more_than_the_charge_and_a_second_return_are_refused(charged: House) -> None:
    dispute(charged, 2)
    with pytest.raises(RefundTooLarge):
        uphold(charged, minor=221)
    corrections.reverse(charged.ports, charged.caller.id, EventName("call", f"{charged.caller.id}-1"), OLGA)
    with pytest.raises(RefundTooLarge):
        uphold(charged)
    assert charged.balance() == rub("10.00")
    assert claims.reject(charged.ports, charged.caller.id, 1, "возвращено 1 декабря", IVAN).outcome == "rejected"
    sound(charged)


def test_a_rejection_needs_a_reason_is_said_once_and_may_be_followed_by_another_claim(charged: House) -> None:
    dispute(charged, 2)
    with pytest.raises(WrongReason):
        claims.reject(charged.ports, charged.caller.id, 1, " ", IVAN)
    answered = claims.reject(charged.ports, charged.caller.id, 1, "цена верна", IVAN)
    assert claims.reject(charged.ports, charged.caller.id, 1, "цена верна", OLGA) == answered
    with pytest.raises(ClaimAnswered, match="rejected, 2026-12-01 12:01, by staff:ivan"):
        uphold(charged, by=OLGA)
    assert charged.balance() == rub("7.80")
    assert dispute(charged, 2, "form-2").n == 2
    sound(charged)


def test_of_two_staff_at_once_one_wins_and_the_other_is_told(charged: House) -> None:
    dispute(charged, 2)
    refused: list[K5Error] = []

    def answer(n: int) -> None:
        try:
            if n % 2:
                uphold(charged, minor=100 + n, by=f"staff:{n}")
            else:
                claims.reject(charged.ports, charged.caller.id, 1, f"верно {n}", f"staff:{n}")
        except K5Error as error:
            refused.append(error)

    crowd(answer)
    assert [type(error) for error in refused] == [ClaimAnswered] * 3
    [answered] = claims.of_owner(charged.ports, charged.caller.id)
    assert answered.given is not None
    assert charged.balance() == rub("7.80") + answered.given
    sound(charged)


def test_blocked_subscribers_and_ended_contracts_dispute_too(charged: House) -> None:
    later = take(charged, 100, "b")
    blocking.block(charged.ports, charged.caller.id, IVAN, "debts")
    dispute(charged, 2)
    blocking.unblock(charged.ports, charged.caller.id, IVAN, "paid")
    endings.apply(charged.ports, charged.caller.id)
    charged.clock.now = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)
    assert endings.carry_out(charged.ports) == 1
    dispute(charged, later, "form-2", 100)
    uphold(charged)
    assert charged.balance() == rub("9.00")
    sound(charged)


def test_an_open_claim_keeps_the_data_and_an_erasure_empties_what_it_says(k5: House) -> None:
    k5.top_up("2.20")
    k5.talk(k5.order(), "55")
    dispute(k5, 2, text="мой муж", **BANK)
    assert "claim" in erasure.obstacles(k5.ports, k5.caller.id, IVAN)
    claims.reject(k5.ports, k5.caller.id, 1, "верно", IVAN)
    assert erasure.erase(k5.ports, k5.caller.id, IVAN)
    kept = claims.find(k5.ports, k5.caller.id, 1)
    assert (kept.text, kept.recipient, kept.account, kept.bank) == ("", "", "", "")
    with pytest.raises(SubscriberErased):
        dispute(k5, 2, "form-2")


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_charged_and_given_back_the_balance_is_exact(k5: House, data: st.DataObject) -> None:
    """No charge goes below zero, none is given back twice, and the ledger holds."""
    before = k5.balance()
    sums = data.draw(st.lists(st.integers(1, 10_000), min_size=1, max_size=4))
    expected = before
    for charged in sums:
        key = f"form {next(KEYS)}"
        seq = take(k5, charged, key)
        disputed = data.draw(st.integers(1, charged))
        n = dispute(k5, seq, key, disputed).n
        back = data.draw(st.integers(0, charged + 1))
        expected -= Money(charged)
        if back == 0:
            claims.reject(k5.ports, k5.caller.id, n, "верно", IVAN)
        elif back > charged:
            with pytest.raises(RefundTooLarge):
                uphold(k5, n, back)
        else:
            uphold(k5, n, back)
            with pytest.raises(ClaimAnswered):
                uphold(k5, n, back % charged + 1) if charged > 1 else uphold(k5, n, back, to_bank=True)
            expected += Money(back)
        assert k5.balance() == expected
    sound(k5)


def crowd(one: Any) -> None:
    crowd = [threading.Thread(target=one, args=(n,)) for n in range(4)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
