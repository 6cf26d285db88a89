"""Price lists on the desk: a file is checked, kept as a draft with what was found, and published by another person."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from k5web.domain.prices.deck import DeckVersion
from k5web.domain.prices.deck_difference import DeckDifference, PriceChange
from k5web.domain.prices.effect import DirectionEffect, Effect
from k5web.domain.prices.price_draft import DraftState, NewDraft, PriceDraft
from k5web.domain.prices.rating import Rate
from k5web.errors import DraftOutdated, DraftTooLong
from k5web.services.ports import Ports
from k5web.services.prices import drafts, effects, ratedecks
from k5web.services.prices.deck_publishing import (
    Comparison,
    ImportOptions,
    Progress,
    ReadDeck,
    compare_deck,
    no_progress,
    write_deck,
)
from k5web.services.prices.effective_days import check_to_come
from k5web.services.prices.past_month import last_month
from k5web.services.prices.ratedecks import DeckFile
from k5web.storage.prices import draft_rows, rates
from k5web.storage.session import transactional

MOST_PRICES = 100_000  # of a draft: it is read again while the second person waits
SHOWN = 1_000  # rows of each kind of change that are kept to be looked at
KINDS = ("dearer", "cheaper", "new", "gone", "changed", "overlaps")


@dataclass(frozen=True, slots=True)
class DraftWish:
    """A list that somebody wants to publish."""

    name: str
    effective: date
    file: DeckFile
    options: ImportOptions


def upload(ports: Ports, wish: DraftWish, actor: str, progress: Progress = no_progress) -> PriceDraft:
    """Check a file and keep it as a draft; the same file again is the same draft.

    Raises: WrongFile, WrongDeck (facts: rejected); PastDay, DayTooFar; DraftTooLong; DraftTaken.
    """
    return drafts.keep(ports, _checked(ports, wish, progress), actor)


def check_again(ports: Ports, draft_id: int, options: ImportOptions, progress: Progress = no_progress) -> PriceDraft:
    """Check a draft anew, with other answers or since other prices were published. Raises: as `upload`, DraftEnded."""
    with ports.sessions.read() as db:
        wish = _wish(draft_rows.find(db, draft_id), draft_rows.content(db, draft_id), options)
    return drafts.show_again(ports, draft_id, _checked(ports, wish, progress))


def publish_draft(ports: Ports, db: Session, draft_id: int, actor: str) -> DeckVersion:
    """Publish a draft as it was shown, in the caller's transaction.

    Raises: DraftEnded; DraftOutdated, where prices were published or taken back since; DeckStopped; PastDay.
    """
    draft = drafts.open_draft(db, draft_id)
    options = options_of(draft)
    deck = _read(ports, _wish(draft, draft_rows.content(db, draft_id), options))
    rates.lock(db)
    found = compare_deck(ports, db, deck)
    if list(found.state) != draft.shown["state"] or found.is_known:
        raise DraftOutdated(draft=draft_id)
    version = write_deck(ports, db, deck, found)
    draft_rows.end(db, draft_id, DraftState.PUBLISHED, actor, ports.clock(), version.id)
    return version


def _checked(ports: Ports, wish: DraftWish, progress: Progress) -> NewDraft:
    shown = _shown(ports, _read(ports, wish, progress), progress)
    return NewDraft("deck", wish.name, wish.effective, wish.file.name, wish.file.content, _options(wish), shown)


def _read(ports: Ports, wish: DraftWish, progress: Progress = no_progress) -> ReadDeck:
    check_to_come(ports, wish.effective)
    deck = ratedecks.read_deck(ports, wish.file, wish.name, wish.effective, wish.options, progress)
    if len(deck.parsed.rates) > MOST_PRICES:
        raise DraftTooLong(rows=len(deck.parsed.rates), most=MOST_PRICES)
    return deck


def _options(wish: DraftWish) -> dict[str, Any]:
    chosen = {name: value for name, value in asdict(wish.options).items() if name != "mapping"}
    file = wish.file
    mapping = {"mapping": file.mapping.decode(), "mapping_name": file.mapping_name} if file.mapping is not None else {}
    return chosen | mapping


def options_of(draft: PriceDraft) -> ImportOptions:
    """Return how a draft's file is to be taken."""
    return ImportOptions(**{name: draft.options[name] for name in draft.options if not name.startswith("mapping")})


def _wish(draft: PriceDraft, content: bytes, options: ImportOptions) -> DraftWish:
    mapping = draft.options.get("mapping")
    named = draft.options.get("mapping_name", "")
    file = DeckFile(draft.file, content, None if mapping is None else mapping.encode(), named)
    return DraftWish(draft.name, draft.effective, file, options)


@transactional
def _compared(ports: Ports, deck: ReadDeck) -> Comparison:
    with ports.sessions.read() as db:
        return compare_deck(ports, db, deck)


def _shown(ports: Ports, deck: ReadDeck, progress: Progress) -> dict[str, Any]:
    """Return what a person is shown of a list: the difference, its effect, and what stands against it."""
    progress("comparing_prices", 0, 1)
    found = _compared(ports, deck)
    effect = effects.deck_effect(ports, found.before, found.after, progress)
    changes = found.difference
    return {
        "state": list(found.state),
        "prices": len(found.after),
        "counts": {kind: len(_of_kind(changes, kind)) for kind in KINDS} | {"same": changes.same},
        "rows": {kind: [row(change) for change in _of_kind(changes, kind)[:SHOWN]] for kind in KINDS},
        "doubts": [[row.line, row.reason] for row in deck.parsed.doubts[:SHOWN]],
        "later": found.later,
        "kept": found.kept,
        "is_known": found.is_known,
        "asks": [list(ask) for ask in found.asks],
        "currency": next(iter(deck.parsed.rates)).rate.per_minute.currency,
        "month": last_month(ports)[0].date().isoformat(),
        "effect": effect_facts(effect),
    }


def effect_facts(effect: Effect) -> dict[str, Any]:
    """Return an effect as it is kept with a draft."""
    return {
        "total": asdict(effect.total),
        "directions": [asdict(one) for one in effect.directions],
        "left_out": effect.left_out,
    }


def effect_of(facts: Mapping[str, Any]) -> Effect:
    """Return an effect that was kept."""
    return Effect(tuple(DirectionEffect(**one) for one in facts["directions"]), facts["left_out"])


def _of_kind(changes: DeckDifference, kind: str) -> tuple[PriceChange, ...]:
    found: tuple[PriceChange, ...] = getattr(changes, kind)
    return found


def row(change: PriceChange) -> list[str]:
    """Return a change as it is shown: prefix, destination, price before and after."""
    named = change.after or change.before
    return [change.prefix, named.destination if named else "", _price(change.before), _price(change.after)]


def _price(rate: Rate | None) -> str:
    """Return a price as it is kept to be shown; "" for none, "-" for a closed range."""
    if rate is None:
        return ""
    return "-" if rate.is_blocked else str(rate.per_minute)
