"""Webhooks are told what is due for them: each address by itself, so that a slow one keeps no other waiting.

A message may come twice (a worker that was killed had told it, or the answer was lost) and is known by its id. What
failed is told again after growing pauses, then given up; an address that fails on and on rests until its owner says.
"""

import logging
from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from threading import Lock, Thread
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.pbx import webhook as rules
from k5web.domain.pbx.webhook import Delivery, HookAnswer, HookDoor
from k5web.services.messaging import sending
from k5web.services.pbx import hooks
from k5web.services.ports import Ports
from k5web.storage.pbx import hook_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

THREADS: Final = 16  # addresses at once
AT_ONCE: Final = 200  # messages of one look
IN_A_ROW: Final = 20  # messages to one address before others have their turn
OF_ONE_OWNER: Final = 2  # addresses at once: slow ones of one owner must not take all threads
NOTICE: Final = "hook_paused"  # kind of the message that tells of an address that rests
LEASE: Final = timedelta(minutes=1)  # a worker that took longer was killed

Address = tuple[int, int]  # owner and number


class Postman:
    """Tells addresses what is due, each in a thread of its own while there are threads."""

    def __init__(self) -> None:
        self._busy: set[Address] = set()
        self._lock = Lock()

    def deliver_due(self, ports: Ports) -> None:
        """Begin to tell each address what is due and that nobody tells now; wait for none."""
        if ports.hook_door is None:
            return
        with self._lock:
            busy = frozenset(self._busy)
        waiting: dict[Address, list[tuple[Delivery, str]]] = {}
        for delivery, url in due(ports, busy):
            waiting.setdefault((delivery.owner_id, delivery.webhook_n), []).append((delivery, url))
        for address, messages in waiting.items():
            if not self._take(address):
                continue
            told = (ports, ports.hook_door, address, messages)
            Thread(
                target=self._deliver, args=told, daemon=True
            ).start()  # a slow one must not keep a worker from ending

    def _take(self, address: Address) -> bool:
        with self._lock:
            of_owner = sum(owner_id == address[0] for owner_id, _n in self._busy)
            if address in self._busy or of_owner >= OF_ONE_OWNER or len(self._busy) >= THREADS:
                return False
            self._busy.add(address)
            return True

    def _deliver(self, ports: Ports, door: HookDoor, address: Address, messages: list[tuple[Delivery, str]]) -> None:
        try:
            for delivery, url in messages:
                if not deliver(ports, door, delivery, url):
                    break  # the others wait for the next look: it may be down
        except Exception:  # a fault of one address must end neither the others nor its own next time
            logger.exception("a webhook was not told", extra={"owner_id": address[0], "n": address[1]})
        finally:
            with self._lock:
                self._busy.discard(address)


@transactional
def due(ports: Ports, busy: Collection[Address] = ()) -> list[tuple[Delivery, str]]:
    """Return what is to be told now, and where: not to addresses that are busy, nor to who has enough of them."""
    by_owner = Counter(owner_id for owner_id, _n in busy)
    busy_owners = [owner_id for owner_id, count in by_owner.items() if count >= OF_ONE_OWNER]
    with ports.sessions.read() as db:
        return hook_rows.due(db, ports.clock(), AT_ONCE, IN_A_ROW, busy, busy_owners)


def deliver(ports: Ports, door: HookDoor, delivery: Delivery, url: str) -> bool:
    """Tell an address one thing, once; return whether it said that it has it. No transaction is open meanwhile."""
    secret = hooks.secret_of(ports, delivery)
    if secret is None or not _claim(ports, delivery):
        return False
    if not secret:
        _note(ports, delivery, HookAnswer(None, "secret"))
        return False
    body, timestamp_s = delivery.body, int(ports.clock().timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "K5-Hook/1",
        rules.SIGNATURE: rules.sign(secret, timestamp_s, body),
        rules.EVENT_ID: delivery.id,
    }
    answer = door.post(url, body, headers)
    _note(ports, delivery, answer)
    return answer.is_success


@transactional
def sweep(ports: Ports) -> None:
    """Give up what is no news any more, and forget what the log need not say."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        hook_rows.give_up_old(db, now - rules.TOLD_FOR, now)
        hook_rows.forget(db, now - rules.KEPT_FOR)


@transactional
def _claim(ports: Ports, delivery: Delivery) -> bool:
    now = ports.clock()
    with ports.sessions.begin() as db:
        return hook_rows.claim(db, delivery, now, now + LEASE)


@transactional
def _note(ports: Ports, delivery: Delivery, answer: HookAnswer) -> None:
    """Note how it went; the address rests where too many tries in a row failed."""
    now, owner_id, n = ports.clock(), delivery.owner_id, delivery.webhook_n
    again_at = None if answer.is_success else rules.next_try(delivery.attempts + 1, now)
    with ports.sessions.begin() as db:
        hook_rows.note(db, delivery, answer, now, again_at)
        if answer.is_success or hook_rows.count_failed(db, owner_id, n, rules.PAUSE_AFTER) < rules.PAUSE_AFTER:
            return
        if hook_rows.pause(db, owner_id, n, now):
            _tell_owner(db, owner_id, n, now)


def _tell_owner(db: Session, owner_id: int, n: int, now: datetime) -> None:
    """Have the owner told that an address rests: nothing of their calls comes there until they say so."""
    logger.warning("a webhook rests after many failures", extra={"owner_id": owner_id, "n": n})
    rests = hook_rows.find(db, owner_id, n)
    assert rests is not None  # its row is locked
    facts = {"site": rules.site_of(rests.url)}
    sending.queue_notice(db, owner_id, NOTICE, facts, f"{NOTICE} {n} {now.isoformat()}", now)
