"""What the reader calls the numbers of their calls: by the names of the own list."""

from collections.abc import Iterable

from k5web.domain.calls.call import CallOrder
from k5web.services.contacts import favourites
from k5web.services.pbx.call_log import Talk
from k5web.web.context import current_subscriber, ports


def of_calls(entries: Iterable[CallOrder | Talk]) -> dict[str, str]:
    """Return the names of whoever was rung or rang in these calls, by digits; who is not in the list is left out."""
    numbers = (each.quote.b_number if isinstance(each, CallOrder) else other_number(each) for each in entries)
    return favourites.names(ports(), current_subscriber().id, numbers)


def other_number(talk: Talk) -> str:
    """Return the digits of whom a conversation was with; an extension or an account's login where it was inside."""
    one = talk.conversation
    return one.caller if one.direction == "in" else one.called
