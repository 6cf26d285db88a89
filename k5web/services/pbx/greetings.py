"""An organisation's own prompts: uploaded, made ready by the worker, heard, put in rules, removed.

What was uploaded is never decoded here or in a request: the worker has it done in a process of its own, while no
transaction is open. What a rule names stays as it is; another sound is put in its place by a change of the rules.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.accounts.label import label
from k5web.domain.incident import IncidentKind
from k5web.domain.pbx import greeting as terms
from k5web.domain.pbx.greeting import Greeting, GreetingState
from k5web.domain.pbx.rule_edits import say_instead
from k5web.errors import GreetingUsed, NotFound, TooMany, Unavailable, WrongGreeting
from k5web.services.pbx import rules
from k5web.services.ports import Ports
from k5web.storage import incidents, throttles
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger
from k5web.storage.pbx import greeting_rows, pbx_rows, rule_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

AT_ONCE: Final = 20  # uploads that wait, in one round
LARGEST: Final = terms.LARGEST_MB * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """A prompt with the numbers whose rules say it now, and the others that rules say: it may take their place."""

    greeting: Greeting
    said_at: Sequence[str]  # E.164 digits; `id`: callers of the shared number
    others: Sequence[Greeting] = ()


@transactional
def mine(ports: Ports, owner_id: int) -> list[Shown]:
    """Return an organisation's prompts, the newest first."""
    with ports.sessions.read() as db:
        return _shown(ports, db, owner_id)


def show(ports: Ports, owner_id: int, digest: str) -> Shown:
    """Return one of an organisation's prompts. Raises: NotFound, whosever else it may be."""
    all_of_them = mine(ports, owner_id)
    found = next((one for one in all_of_them if one.greeting.digest == digest), None)
    found = NotFound.unless(found, "such prompt")
    others = [one.greeting for one in all_of_them if one.said_at and one is not found]
    return Shown(found.greeting, found.said_at, others)


@transactional
def sound(ports: Ports, owner_id: int, digest: str) -> bytes:
    """Return what the switch plays, A-law. Raises: NotFound: it is not this organisation's, or not ready."""
    with ports.sessions.read() as db:
        found = greeting_rows.find(db, owner_id, digest)
        is_ready = found is not None and found.state is GreetingState.READY
        return NotFound.unless(greeting_rows.sound(db, owner_id, digest) if is_ready else None, "such prompt")


@transactional
def titled(ports: Ports, path: str) -> str:
    """Return what is said by a prompt that a rule at the switch names so, else its title; "" where there is none."""
    name = terms.named(path)
    with ports.sessions.read() as db:
        found = greeting_rows.find(db, *name) if name else None
    return (found.words or found.title) if found else ""


@transactional
def upload(ports: Ports, owner_id: int, title: str, words: str, content: bytes, actor: str) -> Greeting:
    """Keep what was uploaded for the worker to make ready. The same sound is one prompt, with the new name.

    Raises: WrongName, WrongGreeting, TooMany, TooOften, SubscriberBlocked.
    """
    if not content or len(content) > LARGEST:
        raise WrongGreeting(reason="too_large" if content else "no_sound")
    digest, now = terms.digest_of(content), ports.clock()
    state = GreetingState.WAITING
    new = Greeting(owner_id, digest, label(title), terms.words_of(words), state, "", None, now, actor)
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        subscribers.admit(db, owner_id)
        known = {one.digest: one for one in greeting_rows.of_owner(db, owner_id)}
        if digest in known and known[digest].state is not GreetingState.REFUSED:
            greeting_rows.describe(db, owner_id, digest, new.title, new.words)
            return known[digest]
        if digest not in known and len(known) >= terms.MOST_GREETINGS:
            raise TooMany(limit=terms.MOST_GREETINGS)
        throttles.book(db, "greeting", str(owner_id), terms.UPLOADING, now)
        greeting_rows.put(db, new, content)
    logger.info("prompt uploaded", extra={"owner_id": owner_id, "size_bytes": len(content), "actor": actor})
    return new


@transactional
def describe(ports: Ports, owner_id: int, digest: str, title: str, words: str) -> None:
    """Give a prompt another name and other words. Raises: NotFound, WrongName, WrongGreeting."""
    name, said = label(title), terms.words_of(words)
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        _find(db, owner_id, digest)
        greeting_rows.describe(db, owner_id, digest, name, said)


@transactional
def put_instead(ports: Ports, owner_id: int, digest: str, old: str, actor: str) -> int:
    """Let all rules in force that say the old prompt say this one; return how many. Calls that run go on as they are.

    Raises: NotFound: one of them is not this organisation's, or this one is not ready; SubscriberBlocked.
    """
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        subscribers.admit(db, owner_id)
        _find(db, owner_id, old)
        if _find(db, owner_id, digest).state is not GreetingState.READY:
            raise NotFound(what="such prompt that is ready")
        found = {number: rule for number, rule in rules.in_force(ports, db, owner_id).items() if old in rule.prompts()}
        for number, rule in found.items():
            rules.put_in_force(ports, db, owner_id, number, say_instead(rule, old, digest), actor)
    return len(found)


@transactional
def remove(ports: Ports, owner_id: int, digest: str) -> None:
    """Remove a prompt that no rule in force says; the switch has it until no call can be saying it any more.

    Raises: GreetingUsed, NotFound.
    """
    now = ports.clock()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        _find(db, owner_id, digest)
        for number, rule in rules.in_force(ports, db, owner_id).items():
            if digest in rule.prompts():
                raise GreetingUsed(number=number)
        followed = rule_rows.in_force_since(db, owner_id, now - terms.STAYS)
        if any(digest in rule.prompts() for _number, rule in followed):
            greeting_rows.remove(db, owner_id, digest, now)
        else:
            greeting_rows.forget(db, owner_id, digest)
        pbx_rows.touch(db, owner_id, now)
    logger.info("prompt removed", extra={"owner_id": owner_id})


def make_ready(ports: Ports) -> bool:
    """Have each upload that waits made what the switch plays, or say why it cannot be (run by the worker).

    Return False where what makes them does not run: they wait, and it is listed for a person.
    """
    if ports.convert is None:
        return True
    with ports.sessions.read() as db:
        waiting = greeting_rows.waiting(db, AT_ONCE)
    return all(_make_ready(ports, each) for each in waiting)


@transactional
def sweep(ports: Ports) -> None:
    """Forget prompts that were removed so long ago that no call says them: the switch is told."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        pbx_rows.touch_all(db, greeting_rows.forget_removed(db, now - terms.STAYS), now)


@transactional
def _make_ready(ports: Ports, waiting: Greeting) -> bool:
    assert ports.convert is not None
    with ports.sessions.read() as db:
        content = greeting_rows.sound(db, waiting.owner_id, waiting.digest)
    why, made = "", b""
    try:
        made = ports.convert(content or b"")
    except WrongGreeting as error:
        why = str(error.facts["reason"])
    except Unavailable:
        with ports.sessions.begin() as db:
            incidents.report(db, 0, IncidentKind.GREETING_DECODER, ports.today().isoformat(), ports.clock())
        return False
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, waiting.owner_id)
        if why:
            greeting_rows.refuse(db, waiting, why)
        elif greeting_rows.finish(db, waiting, made, terms.milliseconds_of(made)):
            pbx_rows.touch(db, waiting.owner_id, ports.clock())
    logger.info("prompt is ready" if made else "prompt refused", extra={"owner_id": waiting.owner_id, "reason": why})
    return True


def _find(db: Session, owner_id: int, digest: str) -> Greeting:
    return NotFound.unless(greeting_rows.find(db, owner_id, digest), "such prompt")


def _shown(ports: Ports, db: Session, owner_id: int) -> list[Shown]:
    said = {number: rule.prompts() for number, rule in rules.in_force(ports, db, owner_id).items()}
    return [
        Shown(one, [number for number, prompts in said.items() if one.digest in prompts])
        for one in greeting_rows.of_owner(db, owner_id)
    ]
