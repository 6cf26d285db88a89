"""Where a page of calls begins, as its address says: the last call of the page before, and the last conversation."""

from collections.abc import Mapping
from typing import Final

from k5web.services.pbx.call_log import Place
from k5web.web.converters import moment

CALL: Final = "before"
TALK: Final = "talk"
_LONGEST: Final = 150
_MOST: Final = 10**10  # no number of a call is as high


def place(args: Mapping[str, str]) -> Place:
    """Return where the page begins; what is no place is the beginning."""
    call = args.get(CALL, "")
    at, _space, linked_id = args.get(TALK, "")[:_LONGEST].partition(" ")
    n = int(call) if call.isascii() and call.isdigit() and len(call) < len(str(_MOST)) else None
    began_at = moment(at)
    return Place(n, (began_at, linked_id) if began_at else None)


def args(further: Place | None) -> Mapping[str, str]:
    """Return the part of an address that leads to the page that begins there."""
    if further is None:
        return {}
    call = {} if further.call_n is None else {CALL: str(further.call_n)}
    talk = further.conversation
    return call if talk is None else {**call, TALK: f"{talk[0].isoformat()} {talk[1]}"}
