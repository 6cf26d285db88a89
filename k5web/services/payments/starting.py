"""A new top-up told to its provider: under one number after the other where an answer is lost or the number is used.

A number carries letters that nobody else has. So a provider that knows it before we ever sent it has another's order
there, which is left alone; and what it has after an answer was lost is ours, if its date and sum are ours too.
"""

import logging

from k5web.domain.incident import IncidentKind
from k5web.domain.payments.connector import Looks, PaymentConnector, RepeatsStart, Seen, Started, Starts
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import NumberUsed, ProviderRefused, ProviderUnknown
from k5web.services.payments.booking import alarm, book_seen
from k5web.services.ports import Ports
from k5web.storage.payments import top_up_rows
from k5web.storage.payments.top_up_rows import KeptTopUp
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

ATTEMPTS = 2  # at a provider that does not answer
TRIES = 4  # in all, with numbers that turned out to be used


def start(ports: Ports, connector: PaymentConnector, top_up: TopUp) -> TopUp:
    """Have the provider begin the top-up and return it with what the payer needs, or as it stands by now.

    Raises: ProviderRefused (nothing was begun), ProviderUnknown (it is looked after).
    """
    assert isinstance(connector, Starts)
    silences, is_sent_again = 0, False
    trouble: ProviderRefused | ProviderUnknown
    for _try in range(TRIES):
        try:
            return _started(ports, top_up, connector.start(top_up))
        except NumberUsed as error:
            seen = _ask(connector, top_up) if is_sent_again else Seen(TopUpState.UNCLEAR, is_foreign=True)
            trouble = error
        except ProviderRefused as error:
            if silences:  # an order whose answer was lost may still be open: it is looked after, not refused
                _end(ports, top_up, TopUpState.UNCLEAR)
                raise ProviderUnknown(reason="an earlier answer was lost") from error
            _end(ports, top_up, TopUpState.DECLINED)
            raise
        except ProviderUnknown as error:
            seen, trouble = _ask(connector, top_up), error
        if seen is not None and seen.is_foreign:
            top_up = _renumber(ports, top_up)
            is_sent_again = False
        else:
            found = book_seen(ports, connector, top_up, seen) if seen else None
            if found and (found.state.is_paid or found.state is TopUpState.HELD):
                return found
            silences += 1
            if found is None or silences == ATTEMPTS:
                _end(ports, top_up, TopUpState.UNCLEAR)
                raise trouble
            top_up = _next_attempt(ports, connector, top_up)
            is_sent_again = isinstance(connector, RepeatsStart)
        if top_up.state is not TopUpState.NEW:
            return top_up
    _end(ports, top_up, TopUpState.UNCLEAR if silences else TopUpState.DECLINED)
    raise trouble


@transactional
def _started(ports: Ports, top_up: TopUp, started: Started) -> TopUp:
    """Keep what the provider gave; a call-back may have been quicker. Raises: NumberUsed."""
    with ports.sessions.begin() as db:
        kept = top_up_rows.lock(db, top_up)
        if started.provider_id:
            known = top_up_rows.find_by_provider_id(db, top_up.origin, started.provider_id)
            if known is not None and known.reference != top_up.reference:
                raise NumberUsed(reason="it is another top-up's order")
        state = TopUpState.WAITING if kept.state is TopUpState.NEW else kept.state
        return top_up_rows.change(
            db,
            kept,
            ports.clock(),
            state=state,
            provider_id=started.provider_id or kept.provider_id,
            pay_url=started.pay_url,
            code=started.code,
            qr=started.qr,
            expires_at=started.expires_at or kept.expires_at,
        )


def _ask(connector: PaymentConnector, top_up: TopUp) -> Seen | None:
    """Return what the provider has of a start it did not answer; None where it still says nothing."""
    if not isinstance(connector, Looks):
        return Seen(TopUpState.NEW) if isinstance(connector, RepeatsStart) else None
    try:
        return connector.look(top_up)
    except ProviderUnknown:
        return None


@transactional
def _renumber(ports: Ports, top_up: TopUp) -> KeptTopUp:
    """Leave the number to whose order it is, take a new one, and list it: two houses use one login."""
    with ports.sessions.begin() as db:
        kept = top_up_rows.lock(db, top_up)
        if not kept.state.is_open:
            return kept
        alarm(ports, db, IncidentKind.ORDER_NUMBER_USED, kept, number=top_up.number)
        # The numbers of attempts whose answers were lost stay ours
        mark, attempt = kept.mark, top_up.attempt + 1
        if top_up.attempt == 1:
            mark, attempt = top_up_rows.new_mark(db), kept.attempt
        return top_up_rows.start_again(db, kept, ports.clock(), mark=mark, attempt=attempt)


@transactional
def _next_attempt(ports: Ports, connector: PaymentConnector, top_up: TopUp) -> KeptTopUp:
    """Give up the number that was lost: the next one is new, unless this provider takes the same one again.

    What ended meanwhile stays as it is.
    """
    with ports.sessions.begin() as db:
        kept = top_up_rows.lock(db, top_up)
        if not kept.state.is_open:
            return kept
        attempt, provider_id = kept.attempt + 1, ""
        if isinstance(connector, RepeatsStart):
            attempt, provider_id = kept.attempt, kept.provider_id
        return top_up_rows.start_again(
            db, kept, ports.clock(), mark=kept.mark, attempt=attempt, provider_id=provider_id
        )


@transactional
def _end(ports: Ports, top_up: TopUp, state: TopUpState) -> None:
    with ports.sessions.begin() as db:
        kept = top_up_rows.lock(db, top_up)
        if kept.state.is_open:
            look_at = kept.look_at if state.is_open else None
            top_up_rows.change(db, kept, ports.clock(), state=state, look_at=look_at)
