"""Drafts of prices, of lists and plans alike: kept once for a day, dropped, listed."""

from sqlalchemy.orm import Session

from k5web.domain.prices.price_draft import DraftState, NewDraft, Priced, PriceDraft
from k5web.errors import DraftEnded, DraftTaken
from k5web.services.ports import Ports
from k5web.storage.prices import draft_rows
from k5web.storage.session import transactional

PAGE = 25


@transactional
def keep(ports: Ports, draft: NewDraft, actor: str) -> PriceDraft:
    """Keep a draft; the same file again is the same draft, with what was found now. Raises: DraftTaken."""
    with ports.sessions.begin() as db:
        added = draft_rows.add(db, draft, actor, ports.clock())
        if added is not None:
            return draft_rows.find(db, added)
        known = draft_rows.open_for(db, draft)
        if known is None or draft_rows.content(db, known.id) != draft.content:
            raise DraftTaken(what=draft.name, day=draft.effective, draft=known.id if known else "?")
        draft_rows.show_anew(db, known.id, draft.options, draft.shown)
        return draft_rows.find(db, known.id)


@transactional
def show_again(ports: Ports, draft_id: int, checked: NewDraft) -> PriceDraft:
    """Keep what another check of a draft found. Raises: NotFound, DraftEnded."""
    with ports.sessions.begin() as db:
        open_draft(db, draft_id)
        draft_rows.show_anew(db, draft_id, checked.options, checked.shown)
        return draft_rows.find(db, draft_id)


@transactional
def drop(ports: Ports, draft_id: int, actor: str) -> None:
    """Give a draft up. Raises: NotFound, DraftEnded."""
    with ports.sessions.begin() as db:
        open_draft(db, draft_id)
        draft_rows.end(db, draft_id, DraftState.DROPPED, actor, ports.clock(), None)


def open_draft(db: Session, draft_id: int) -> PriceDraft:
    """Return an open draft, locked. Raises: NotFound, DraftEnded."""
    draft = draft_rows.lock(db, draft_id)
    if draft.state is not DraftState.OPEN:
        raise DraftEnded(draft=draft_id)
    return draft


def find(ports: Ports, draft_id: int) -> PriceDraft:
    """Return a draft. Raises: NotFound."""
    with ports.sessions.read() as db:
        return draft_rows.find(db, draft_id)


def listed(ports: Ports, subject: Priced, before: int | None = None) -> list[PriceDraft]:
    """Return a page of drafts, the newest first."""
    with ports.sessions.read() as db:
        return draft_rows.listed(db, subject, before, PAGE)
