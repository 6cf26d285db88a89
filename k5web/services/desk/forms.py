"""Forms of the desk: each has a key from the moment it is opened, and does what it says once."""

from dataclasses import replace

from sqlalchemy.orm import Session

from k5web.domain.desk.proposal import Proposal, Wish, checked_key, person
from k5web.domain.reason import checked_reason
from k5web.errors import FormUsed
from k5web.storage.desk import proposal_rows


def checked_wish(wish: Wish) -> Wish:
    """Return a wish as it is kept. Raises: WrongReason, WrongForm."""
    document = checked_reason(wish.document) if wish.document.strip() else ""
    return replace(wish, form_key=checked_key(wish.form_key), reason=checked_reason(wish.reason), document=document)


def sent_before(db: Session, actor: str, wish: Wish) -> Proposal | None:
    """Return the proposal that this form made. Raises: FormUsed where it asked for something else."""
    known = proposal_rows.by_form(db, wish.form_key)
    if known is None:
        return None
    said = (known.proposed_by, known.wish.kind, known.wish.owner_id, known.wish.payload)
    if said != (person(actor), wish.kind, wish.owner_id, dict(wish.payload)):
        raise FormUsed(n=known.id)
    return known
