"""Orders as the worker hands them to the switch."""

from datetime import UTC, datetime

from k5web.domain.calls.call import CallOrder, CallState
from k5web.domain.money import Money, Price
from k5web.domain.prices.rating import Quote, Rate

TRUNK = "trunk-a"  # by which both legs go
MOBILE, FIXED = "7916000", "7495000"  # the last four digits follow: the last three choose the phone


def order(
    call_id: str,
    a_number: str,
    b_number: str,
    *,
    ring_a_s: int = 4,
    ring_b_s: int = 4,
    talk_ms: int = 1_500,
    leg_a_s: int = 8,
) -> CallOrder:
    """An order with limits short enough for a test on a real switch."""
    a = Rate("7916", "Россия мобильный", Price(1_750_000))
    b = Rate("7495", "Москва городской", Price(450_000))
    return CallOrder(
        id=call_id,
        owner_id=int(call_id.partition("-")[0]),
        account_id=1,
        quote=Quote(a_number, b_number, a, b),
        a_leg_from="b_answer",
        minutes=1,
        hold=Money(220),
        ring_a_s=ring_a_s,
        ring_b_s=ring_b_s,
        talk_ms=talk_ms,
        leg_a_s=leg_a_s,
        state=CallState.PLACING,
        switch="simulator",
        trunks_a=(TRUNK,),
        trunks_b=(TRUNK,),
        ordered_at=datetime(2026, 11, 20, 18, 0, tzinfo=UTC),
    )
