"""What subscribers wish to hear, and how."""

from collections.abc import Mapping
from dataclasses import dataclass

from k5web.domain.messaging.notice import KINDS, Way
from k5web.services.ports import Ports
from k5web.storage.accounts import email_rows
from k5web.storage.messaging import choice_rows
from k5web.storage.session import transactional


@dataclass(frozen=True, slots=True)
class Wish:
    """How one kind of event is told to a subscriber now, and whether they may choose not to hear of it."""

    kind: str
    way: Way
    may_be_off: bool
    by_both: bool  # there is nothing to choose


@dataclass(frozen=True, slots=True)
class Wishes:
    """All kinds, in the order of their worth. `email`: the confirmed address, where there is one."""

    each: tuple[Wish, ...]
    email: str | None


@transactional
def of(ports: Ports, owner_id: int) -> Wishes:
    """Return how a subscriber is told of each kind of event."""
    with ports.sessions.read() as db:
        chosen, email = choice_rows.choices(db, owner_id), email_rows.find(db, owner_id)
    confirmed = email.address.text if email and email.confirmed_at else None
    each = (
        Wish(kind, rule.way(chosen.get(kind), has_email=confirmed is not None), rule.may_be_off, rule.by_both)
        for kind, rule in KINDS.items()
    )
    return Wishes(tuple(each), confirmed)


@transactional
def choose(ports: Ports, owner_id: int, chosen: Mapping[str, Way]) -> None:
    """Keep the choices of kinds that leave one; what must be told is told all the same."""
    with ports.sessions.begin() as db:
        for kind in [kind for kind, rule in KINDS.items() if kind in chosen and not rule.by_both]:
            choice_rows.choose(db, owner_id, kind, chosen[kind])
