"""What an order's state says about the top-up: the one place where the gateway's word becomes money or none."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.cards.wire import GatewayOrder, OrderState
from k5web.domain.money import Money
from k5web.domain.payments.connector import Seen
from k5web.domain.payments.top_up import SavedCard, TopUp, TopUpState

logger = logging.getLogger(__name__)

# Nothing was taken yet
OPEN: Mapping[OrderState, TopUpState] = {
    OrderState.REGISTERED: TopUpState.WAITING,
    OrderState.HELD: TopUpState.HELD,
    OrderState.AT_ISSUER: TopUpState.WAITING,
    OrderState.WAITING: TopUpState.WAITING,
    OrderState.PARTLY_TAKEN: TopUpState.HELD,
}

# `actionCode` of a declined order. One order may be tried three times, so a failed try alone ends nothing
FINAL: Mapping[str, TopUpState] = {
    "-2007": TopUpState.EXPIRED,  # no data in time
    "-2013": TopUpState.DECLINED,  # all tries are used up
}
NO_TRY_YET = "-100"
OUT_OF_TRIES = "-2013"
TRIES = 3  # of one order
NO_ANSWER = frozenset({"910", "1001", "1018", "1019"})  # of a bank: the money may be taken

# An order is not older than the top-up it is for, except by what the two clocks differ
CLOCKS_DIFFER_BY = timedelta(minutes=10)

_PAID = {TopUpState.PAID, TopUpState.PART_REFUNDED, TopUpState.REFUNDED}


def seen(order: GatewayOrder, top_up: TopUp, now: datetime) -> Seen:
    """Return what is known of the top-up by this order."""
    if order.state is None:  # it was not found
        return Seen(TopUpState.UNCLEAR)
    if not _is_ours(order, top_up):
        facts = {"reference": top_up.reference, "order": order.id, "number": order.number}
        logger.error("the card gateway answered about another order", extra=facts)
        return Seen(TopUpState.UNCLEAR, provider_id=order.id, is_foreign=True)
    known = Seen(
        TopUpState.UNCLEAR,
        provider_id=order.id,
        card_mask=order.card_mask,
        declines=_declines(order),
        occurred_at=order.taken_at,
        saved_card=_saved_card(order, top_up),
    )
    if not order.currency:
        logger.error("an order in a currency of nobody's", extra={"reference": top_up.reference, "order": order.id})
        return known
    match order.state:
        case OrderState.TAKEN | OrderState.REFUNDED:
            return _taken(order, top_up, known)
        case OrderState.REVERSED if top_up.state in _PAID:
            return replace(known, state=TopUpState.REFUNDED, amount=top_up.amount, refunded=top_up.amount)
        case OrderState.REVERSED:
            return replace(known, state=TopUpState.DECLINED)
        case OrderState.DECLINED:
            return replace(known, state=_declined(order, top_up, now))
        case _:
            return replace(known, state=OPEN[order.state])


def _is_ours(order: GatewayOrder, top_up: TopUp) -> bool:
    """Return whether this is the order we registered: by the id we were given, else by all that we said then.

    A number alone proves nothing: another house, or an older copy of this one, may have used it at the same gateway.
    """
    if order.number != top_up.number or not order.id:
        return False
    if top_up.provider_id:
        return order.id == top_up.provider_id
    is_old = order.registered_at is not None and order.registered_at < top_up.created_at - CLOCKS_DIFFER_BY
    is_another = order.amount not in {None, top_up.amount.minor} or order.description not in {"", top_up.number}
    is_known_by_nothing = not top_up.mark and order.registered_at is None
    return not (is_old or is_another or is_known_by_nothing)


def _declines(order: GatewayOrder) -> int:
    """Return how many tries were declined, as far as the order tells."""
    if order.action == OUT_OF_TRIES:
        return max(TRIES, order.declines)
    has_failed = order.state is OrderState.DECLINED and order.card_mask != "" and order.action not in NO_ANSWER
    return max(order.declines, int(has_failed))


def _taken(order: GatewayOrder, top_up: TopUp, known: Seen) -> Seen:
    """Return what was taken and what of it went back: the sums decide, a part that went back shows as all of it."""
    amount, refunded = order.amount if order.deposited is None else order.deposited, order.refunded
    if amount is None or (order.state is OrderState.REFUNDED and refunded == 0):
        return known
    if amount + refunded == order.amount:  # some gateways lower what they took by what they gave back
        amount = order.amount
    elif not refunded and top_up.state in _PAID and amount < top_up.amount.minor:  # a part was reversed
        amount, refunded = top_up.amount.minor, top_up.amount.minor - amount
    state = TopUpState.PAID
    if refunded:
        state = TopUpState.REFUNDED if refunded >= amount else TopUpState.PART_REFUNDED
    given_back = Money(refunded, order.currency)
    return replace(known, state=state, amount=Money(amount, order.currency), refunded=given_back)


def _declined(order: GatewayOrder, top_up: TopUp, now: datetime) -> TopUpState:
    if order.action in NO_ANSWER:
        return TopUpState.UNCLEAR
    if order.action in FINAL:
        return FINAL[order.action]
    if top_up.saved_card_id and not top_up.pay_url:  # no page is there to try another
        return TopUpState.DECLINED
    if now < top_up.expires_at:
        return TopUpState.WAITING
    return TopUpState.EXPIRED if order.action == NO_TRY_YET else TopUpState.DECLINED


def _saved_card(order: GatewayOrder, top_up: TopUp) -> SavedCard | None:
    is_kept = order.binding_id and top_up.payer_key and order.client_id == top_up.payer_key
    return SavedCard(order.binding_id, order.card_mask, order.card_expires) if is_kept else None
