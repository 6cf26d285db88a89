"""Holds ahead: money kept for calls that may come while K5 is silent, and the answers that the switch has for them.

For an 8-800 number and for each forward of the rules in force the switch has one answer that it may take once, until
its time. The money behind it is free again only when nobody can take it any more.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.calls.call import Switch
from k5web.domain.pbx.image import OwnerFacts, image_of
from k5web.domain.pbx.question import yes
from k5web.domain.pbx.switch_tables import AheadKey, SwitchTables
from k5web.domain.prices.number import Msisdn
from k5web.errors import K5Error, NotFound, SwitchUnreachable
from k5web.services.calls import routing, safety
from k5web.services.calls.granting import HOLD_OUTLIVES_CALL, grant, keep_aside
from k5web.services.pbx.question import Terms, incoming_terms, outgoing_terms
from k5web.services.ports import Ports
from k5web.storage.accounts import number_rows, subscribers
from k5web.storage.books import ledger
from k5web.storage.calls import call_rows, caller_rows
from k5web.storage.calls.caller_rows import CallerFacts
from k5web.storage.pbx import ahead_rows, image_rows
from k5web.storage.pbx.ahead_rows import Ahead
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

MINUTES: Final = 10  # of the dearest origin, or of the forward's direction
LASTS: Final = timedelta(minutes=30)
RENEWED: Final = timedelta(minutes=10)  # before its end
SETTLES: Final = timedelta(seconds=10)  # after its end, or after it was taken back: the switch may be spending it
LEAVES: Final = 3  # an account has at least so many times what is held: calls that ask find money too
AT_ONCE: Final = 500  # organisations


def keep(ports: Ports) -> None:
    """Bring the answers of every switch on this machine to what the rules in force need (run by the worker)."""
    for tables in ports.switch_tables.values():
        try:
            after = -1
            while facts := _facts(ports, after):
                _keep_page(ports, tables, facts)
                after = max(facts)
        except SwitchUnreachable as error:
            logger.warning("holds ahead wait", extra={"switch": tables.name, "reason": str(error)})


def _keep_page(ports: Ports, tables: SwitchTables, facts: Mapping[int, OwnerFacts]) -> None:
    known, unwilling = _known(ports, tables.name, list(facts))
    for owner_id, told in facts.items():
        mine = [each for each in known if each.key.owner_id == owner_id]
        try:
            is_wanted = _is_here(ports, tables, told) and owner_id not in unwilling
            _keep_one(ports, tables, wanted_of(told) if is_wanted else frozenset(), mine)
        except SwitchUnreachable:
            raise
        except Exception:  # whatever it is, it is told; the fault of one keeps nobody else waiting
            logger.exception("a fault in one owner's holds ahead", extra={"owner_id": owner_id})


def _keep_one(ports: Ports, tables: SwitchTables, wanted: Collection[AheadKey], mine: Sequence[Ahead]) -> None:
    soon = ports.clock() + RENEWED
    fresh = {each.key for each in mine if each.key in wanted and each.until > soon and each.withdrawn_at is None}
    for each in mine:
        if each.key not in fresh:
            _take_back(ports, tables, each)
    for key in sorted(set(wanted) - fresh, key=lambda one: (one.kind, one.number)):
        _give(ports, tables, key)


def wanted_of(facts: OwnerFacts) -> frozenset[AheadKey]:
    """Return what an organisation's callers may need while K5 is silent: by what the switch is told of it."""
    if not facts.is_served:
        return frozenset()
    found = set()
    for key, value in image_of(facts).entries.items():
        parts = value.split("|")
        if key.startswith("in/") and parts[2] == "in":
            found.add(AheadKey(facts.owner_id, "in", key.removeprefix("in/")))
        elif key.startswith("rule/") and parts[0] == "forward":
            found.add(AheadKey(facts.owner_id, "forward", parts[1]))
    return frozenset(found)


def _is_here(ports: Ports, tables: SwitchTables, facts: OwnerFacts) -> bool:
    first = next((switch.name for switch in ports.switches), "")
    return tables.name == (facts.switch or first)


def _give(ports: Ports, tables: SwitchTables, key: AheadKey) -> None:
    """Hold money and give the switch the answer, where the account has plenty. An answer that the switch may not have
    is taken back at once: the next one takes its place there."""
    held = _hold(ports, key, ports.switches.named(tables.name))
    if held is None:
        return
    answer, given = held
    try:
        tables.hold_ahead(key, answer, given.until)
    except SwitchUnreachable:
        _note(ports, given)
        raise


@transactional
def _hold(ports: Ports, key: AheadKey, switch: Switch) -> tuple[str, Ahead] | None:
    now, until = ports.clock(), ports.clock() + LASTS
    with ports.sessions.begin() as db:
        purse = ledger.lock_purse(db, key.owner_id)
        try:
            facts = caller_rows.facts(db, key.owner_id)
            terms = _terms(ports, db, key, facts)
            plan = replace(terms.plan, max_talk_minutes=min(MINUTES, terms.plan.max_talk_minutes))
            called = "" if key.kind == "in" else None
            used = safety.used(db, ports, facts)
            limits = grant(db, ports, facts, used, plan, terms.quote, terms.risk, terms.covers, called)
        except K5Error as refusal:
            if refusal.status >= 500:
                raise
            return None  # no money, no service: callers meet the rule's other branch
        if key.kind == "forward":
            trunks = routing.trunks_of_leg(ports, db, switch, plan.code, terms.quote)
        else:
            trunks = tuple(trunk.code for trunk in switch.trunks[:1])  # the caller came by a line already
        if not trunks or limits.minutes < MINUTES or limits.hold.minor * LEAVES > purse.available.minor:
            return None
        n = call_rows.next_number(db, key.owner_id)
        call_id = f"{key.owner_id}-{n}"
        kept = call_rows.terms_of(purse.account_id, terms.quote, limits, "b_answer", 0, plan.ring_b_s, terms.risk) | {
            "trunks_b": ",".join(trunks)
        }
        given = Ahead(key, n, switch.name, until)
        ahead_rows.add(db, given, kept)
        expires_at = until + timedelta(seconds=limits.leg_a_s + plan.ring_b_s) + HOLD_OUTLIVES_CALL
        keep_aside(db, purse, call_id, limits, now, expires_at)
    shown = terms.quote.a_number if key.kind == "forward" else ""
    answer = yes(call_id, limits.talk_ms, limits.leg_a_s, trunks, shown, is_recorded=False)
    return answer, given  # whether it is recorded says the number, at the moment of the call


def _terms(ports: Ports, db: Session, key: AheadKey, facts: CallerFacts) -> Terms:
    """Return by which terms such a call begins: of the dearest origin, for nobody knows who will ring."""
    owner = subscribers.serve(db, key.owner_id)
    if key.kind == "in":
        return incoming_terms(ports, db, owner, key.number, "")
    rented = [each.msisdn.digits for each in number_rows.of_owner(db, owner.id) if each.is_rented_by(owner.id)]
    if number_rows.is_ours(db, key.number) or key.number == ports.shared_number:
        raise NotFound(what="way out: the number is ours")
    shown = next(iter(rented), ports.shared_number)
    terms = outgoing_terms(ports, db, owner, facts, shown, Msisdn.e164(key.number), "forwarding")
    return replace(terms, covers=())  # gifts end with their period; money waits


def _take_back(ports: Ports, tables: SwitchTables, ahead: Ahead) -> None:
    """Take an answer back; its money is free a little later. One that is not there is being spent, or its time ends."""
    if ahead.withdrawn_at is None and tables.withdraw(ahead.key):
        _note(ports, ahead)


@transactional
def _note(ports: Ports, ahead: Ahead) -> None:
    with ports.sessions.begin() as db:
        ahead_rows.withdraw(db, ahead, ports.clock())


def release(ports: Ports, read_until: Mapping[str, datetime]) -> int:
    """Free the money of holds that nobody can take any more, and return of how many.

    `read_until`: up to when the records of each switch were read here; the database has it for the others. A hold whose
    spending may stand in records that nobody has read stays.
    """
    with ports.sessions.read() as db:
        over = ahead_rows.over(db, ports.clock() - SETTLES)
        looks = call_rows.looks(db) | dict(read_until)
    due = [each for each in over if each.switch in looks and looks[each.switch] >= each.ends_at + SETTLES]
    return sum(_release(ports, each) for each in due)


@transactional
def _release(ports: Ports, ahead: Ahead) -> bool:
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, ahead.key.owner_id)
        if not ahead_rows.end(db, ahead, ports.clock()):
            return False  # spent this moment
        ledger.release_all(db, ahead.key.owner_id, ahead.call_id, ports.clock())
    return True


@transactional
def _facts(ports: Ports, after: int) -> dict[int, OwnerFacts]:
    with ports.sessions.read() as db:
        return image_rows.facts_of(db, owners) if (owners := image_rows.owners(db, after, AT_ONCE)) else {}


@transactional
def _known(ports: Ports, switch: str, owner_ids: Collection[int]) -> tuple[Sequence[Ahead], Collection[int]]:
    """Return what these owners have at a switch, and which of them want no holds ahead."""
    with ports.sessions.read() as db:
        return ahead_rows.live(db, switch, owner_ids), ahead_rows.unwilling(db, owner_ids)
