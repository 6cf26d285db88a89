"""Files that letters bring along, by the kind of the letter: made from what its row in the outbox names."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from k5web.domain.messaging.message import Attachment
from k5web.paper import act as act_paper
from k5web.paper import pdf
from k5web.services.books import acts
from k5web.services.ports import Ports

Facts = Mapping[str, Any]


def attach(ports: Ports, owner_id: int, kind: str, facts: Facts) -> tuple[Attachment, ...]:
    """Return the files of a letter to this owner. Raises: NotFound."""
    maker = _MAKERS.get(kind)
    return () if maker is None else (maker(ports, owner_id, facts),)


def _act(ports: Ports, owner_id: int, facts: Facts) -> Attachment:
    found = acts.find(ports, owner_id, date.fromisoformat(facts["month"]), facts["version"])
    drawn = pdf.draw(*act_paper.sheets(found.act, found.party))
    return Attachment(f"akt-{found.act.address}.pdf", "application/pdf", drawn)


_MAKERS: Final[Mapping[str, Callable[[Ports, int, Facts], Attachment]]] = {"act": _act}
