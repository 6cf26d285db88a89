"""Files that letters bring along, by the kind of the letter: made from what its row in the outbox names."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from k5web.domain.messaging.message import Attachment
from k5web.paper import act as act_paper
from k5web.paper import pdf
from k5web.services.books import acts, exports
from k5web.services.ports import Ports
from k5web.web.books.report_files import MEDIA_TYPES

Facts = Mapping[str, Any]

MOST_ATTACHED: Final = 5 * 1024 * 1024  # bytes of a subscriber's file


def attach(ports: Ports, owner_id: int, kind: str, facts: Facts) -> tuple[Attachment, ...]:
    """Return the files of a letter to this owner. Raises: NotFound."""
    maker = _MAKERS.get(kind)
    return () if maker is None else maker(ports, owner_id, facts)


def _act(ports: Ports, owner_id: int, facts: Facts) -> tuple[Attachment, ...]:
    found = acts.find(ports, owner_id, date.fromisoformat(facts["month"]), facts["version"])
    drawn = pdf.draw(*act_paper.sheets(found.act, found.party))
    return (Attachment(f"akt-{found.act.address}.pdf", "application/pdf", drawn),)


def _export(ports: Ports, owner_id: int, facts: Facts) -> tuple[Attachment, ...]:
    """Return a subscriber's file; one that many mailboxes would not take is left to the link."""
    found = exports.ready(ports, owner_id, facts["token"])
    if found.size > MOST_ATTACHED:
        return ()
    content = b"".join(exports.content(ports, found))
    return (Attachment(found.wish.name, MEDIA_TYPES[found.wish.format], content),)


_MAKERS: Final[Mapping[str, Callable[[Ports, int, Facts], tuple[Attachment, ...]]]] = {"act": _act, "export": _export}
