"""Organisations' rules, people and phones brought to the switch whose files are on this machine.

The worker looks every second at what changed, and at everything when it starts, when a plan changed, and hourly. What
the switch has is known by the digest of each image, so what it has already is not written again. Nobody's call waits
for any of it.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from k5web.domain.pbx.image import SHARED_OWNER, OwnerFacts, image_of, shared_image
from k5web.domain.pbx.people import limit_of
from k5web.domain.pbx.switch_tables import PbxImage, SwitchTables
from k5web.domain.prices.subscription import Subscription
from k5web.errors import SwitchUnreachable
from k5web.services.ports import Ports
from k5web.storage.accounts import subscribers
from k5web.storage.pbx import greeting_rows, image_rows
from k5web.storage.prices import subscription_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

REST_S: Final = 10.0  # after trouble of the files: everything is looked at then
AT_ONCE: Final = 500  # organisations in one transaction, of the database and of the switch's file
EVERYTHING_S: Final = 3600.0  # between two looks at all of them
OVERLAP: Final = timedelta(seconds=60)  # a change is seen when its transaction ends, later than it says


class Publisher:
    """Tells one switch."""

    def __init__(self, ports: Ports, tables: SwitchTables) -> None:
        self._ports = ports
        self._tables = tables
        self._is_first = next((switch.name for switch in ports.switches), "") == tables.name
        self._known: dict[int, int] = {}
        self._seen_until: datetime | None = None
        self._paid_by_plans: Mapping[str, int | None] = {}
        self._all_at = 0.0
        self._rests_until = 0.0

    def look(self) -> int:
        """Tell the switch what it does not know yet; return of how many organisations. Trouble of its files is
        logged; after a rest, all of them are looked at anew."""
        if time.monotonic() < self._rests_until:
            return 0
        began_at = self._ports.clock()
        paid_by_plans = _paid_by_plans(self._ports)
        is_everything = (
            self._seen_until is None or time.monotonic() >= self._all_at or paid_by_plans != self._paid_by_plans
        )
        try:
            written = self._tell_all() if is_everything else self._tell_changed()
        except SwitchUnreachable as error:
            logger.warning("a switch is not told", extra={"switch": self._tables.name, "reason": str(error)})
            self._seen_until, self._rests_until = None, time.monotonic() + REST_S
            return 0
        self._seen_until, self._paid_by_plans = began_at, paid_by_plans
        if written:
            logger.info("a switch is told", extra={"switch": self._tables.name, "organisations": written})
        return written

    def _tell_all(self) -> int:
        self._tables.tell_settings()
        self._known = dict(self._tables.versions())
        self._all_at = time.monotonic() + EVERYTHING_S
        written, seen, sounding = self._tell_shared(), {SHARED_OWNER}, self._tables.greeting_owners()
        for owner_ids in _pages(lambda after: _owners(self._ports, after)):
            seen |= {*owner_ids}
            written += self._tell(owner_ids)
        self._forget([owner_id for owner_id in self._known if owner_id not in seen])
        for owner_id in sounding - seen:
            self._take_greetings(owner_id, frozenset())
        return written

    def _tell_changed(self) -> int:
        assert self._seen_until is not None
        since = self._seen_until - OVERLAP
        return sum(self._tell(page) for page in _pages(lambda after: _changed(self._ports, since, after)))

    def _tell_shared(self) -> int:
        number = self._ports.shared_number
        if not number or not self._is_first:
            self._forget([SHARED_OWNER])
            return 0
        return self._write([shared_image(number)])

    def _tell(self, owner_ids: Sequence[int]) -> int:
        facts, limits = _facts(self._ports, owner_ids)
        here = {
            each.owner_id: _image(each, limits.get(each.owner_id)) for each in facts.values() if self._is_here(each)
        }
        there = {owner_id for owner_id, image in here.items() if image is None or image.entries or image.logins}
        self._forget([owner_id for owner_id in owner_ids if owner_id not in there])
        for owner_id in there:  # before any rule names them
            self._bring_greetings(facts[owner_id])
        written = self._write([image for image in here.values() if image is not None and image.owner_id in there])
        for owner_id in owner_ids:
            kept = facts[owner_id].greetings | facts[owner_id].fading if owner_id in there else frozenset[str]()
            self._take_greetings(owner_id, kept)
        return written

    def _bring_greetings(self, facts: OwnerFacts) -> None:
        """Put an organisation's own prompts there that are not."""
        for digest in sorted(facts.greetings - self._tables.greetings(facts.owner_id)):
            sound = _sound(self._ports, facts.owner_id, digest)
            if sound:  # else it was removed meanwhile
                self._tables.put_greeting(facts.owner_id, digest, sound)

    def _take_greetings(self, owner_id: int, kept: frozenset[str]) -> None:
        """Take away all others of an organisation's prompts."""
        for digest in sorted(self._tables.greetings(owner_id) - kept):
            self._tables.remove_greeting(owner_id, digest)

    def _is_here(self, facts: OwnerFacts) -> bool:
        return facts.switch == self._tables.name or (not facts.switch and self._is_first)

    def _write(self, images: Sequence[PbxImage]) -> int:
        new = [image for image in images if self._known.get(image.owner_id) != image.version]
        if new:
            self._tables.write(new)
            self._known |= {image.owner_id: image.version for image in new}
        return len(new)

    def _forget(self, owner_ids: Sequence[int]) -> None:
        gone = [owner_id for owner_id in owner_ids if owner_id in self._known]
        if gone:
            self._tables.forget(gone)
            self._known = {owner_id: version for owner_id, version in self._known.items() if owner_id not in gone}


def _image(facts: OwnerFacts, most_people: int | None) -> PbxImage | None:
    """Return what the switch is told of an organisation; where that fails, None: it keeps what it has."""
    try:
        return image_of(facts, most_people)
    except Exception:  # whatever it is, it is told; the fault of one keeps nobody else waiting
        logger.exception("a fault in what a switch is told of one owner", extra={"owner_id": facts.owner_id})
        return None


def publishers(ports: Ports) -> list[Publisher]:
    """Return one for each switch whose files are on this machine."""
    return [Publisher(ports, tables) for tables in ports.switch_tables.values()]


def _pages(page: Callable[[int], list[int]]) -> Iterator[list[int]]:
    after = -1
    while found := page(after):
        yield found
        after = found[-1]


def _paid_by_plans(ports: Ports) -> Mapping[str, int | None]:
    """Return how many people each plan in force includes: its next version takes force for all who have it at once."""
    return {code: ports.plans.current(code).pbx_users for code in ports.plans.codes()}


@transactional
def _owners(ports: Ports, after: int) -> list[int]:
    with ports.sessions.read() as db:
        return image_rows.owners(db, after, AT_ONCE)


@transactional
def _changed(ports: Ports, since: datetime, after: int) -> list[int]:
    with ports.sessions.read() as db:
        return image_rows.changed_since(db, since, after, AT_ONCE)


@transactional
def _facts(ports: Ports, owner_ids: Sequence[int]) -> tuple[dict[int, OwnerFacts], dict[int, int]]:
    """Return what is known of organisations, and how many people each of those that have any may have (B7)."""
    with ports.sessions.read() as db:
        facts = image_rows.facts_of(db, owner_ids)
        staffed = [each.owner_id for each in facts.values() if each.people]
        live = subscription_rows.live_of(db, staffed) if staffed else {}
        own = {each.id: each.plan_code for each in subscribers.several(db, staffed).values()} if staffed else {}
    return facts, {owner_id: _paid_for(ports, own[owner_id], live.get(owner_id, ())) for owner_id in staffed}


@transactional
def _sound(ports: Ports, owner_id: int, digest: str) -> bytes | None:
    with ports.sessions.read() as db:
        return greeting_rows.sound(db, owner_id, digest)


def _paid_for(ports: Ports, plan_code: str, live: Sequence[Subscription]) -> int:
    """Return how many people somebody's plans include, and how many more are paid for."""
    codes = {plan_code, *(each.code for each in live if each.sort == "plan")}
    return limit_of([ports.plans.current(code) for code in codes], live) or 0
