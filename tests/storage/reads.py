"""Every public function of storage: what only reads must work on a standby. Whoever adds one, adds it here."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from k5web.domain.call import CallState
from k5web.domain.ledger import EventName
from k5web.domain.number import Msisdn
from k5web.storage import (
    auto_topups,
    calls,
    devices,
    figures,
    ledger,
    notices,
    outbox,
    rates,
    saved_cards,
    statements,
    subscribers,
    topups,
    verify,
)

OWNER = 100001  # has an empty main account, and no more
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
NAME = EventName("test:bank", "1")
MONTH = date(2026, 12, 1), date(2027, 1, 1)

READS: dict[str, Callable[[Session], object]] = {
    "auto_topups.due": lambda db: auto_topups.due(db, NOW),
    "auto_topups.find": lambda db: auto_topups.find(db, OWNER),
    "auto_topups.is_any": lambda db: auto_topups.is_any(db),
    "auto_topups.spent": lambda db: auto_topups.spent(db, OWNER, NOW),
    "auto_topups.unfinished": lambda db: auto_topups.unfinished(db, NOW),
    "calls.cdrs": lambda db: calls.cdrs(db, OWNER, 1),
    "calls.due": lambda db: calls.due(db, CallState.RESERVED),
    "calls.events": lambda db: calls.events(db, OWNER, 1),
    "calls.find": lambda db: calls.find(db, OWNER, 1),
    "calls.find_by_form_key": lambda db: calls.find_by_form_key(db, OWNER, "key"),
    "calls.incident_kinds": lambda db: calls.incident_kinds(db),
    "calls.last_to": lambda db: calls.last_to(db, OWNER, "74951234567", at_once=False),
    "calls.live": lambda db: calls.live(db, OWNER),
    "calls.page": lambda db: calls.page(db, OWNER, 7, 25),
    "calls.recent_numbers": lambda db: calls.recent_numbers(db, OWNER, 5),
    "calls.unheard_of": lambda db: calls.unheard_of(db, [CallState.TALKING], NOW),
    "devices.ended": lambda db: devices.ended(db, OWNER, "reuse", NOW),
    "devices.find": lambda db: devices.find(db, "selector"),
    "devices.live": lambda db: devices.live(db, OWNER),
    "figures.incidents": lambda db: figures.incidents(db),
    "figures.oldest_waiting": lambda db: figures.oldest_waiting(db),
    "figures.open_holds": lambda db: figures.open_holds(db),
    "figures.unfinished_calls": lambda db: figures.unfinished_calls(db),
    "ledger.claimant": lambda db: ledger.claimant(db, NAME),
    "ledger.find_by_number": lambda db: ledger.find_by_number(db, 1_000_000_001),
    "ledger.find_event": lambda db: ledger.find_event(db, OWNER, EventName("call", "1")),
    "ledger.find_hold": lambda db: ledger.find_hold(db, OWNER, 1, "100001-1"),
    "ledger.is_known": lambda db: ledger.is_known(db, OWNER, EventName("test:bank", "1")),
    "ledger.is_open": lambda db: ledger.is_open(db, OWNER, 1),
    "ledger.overdue_holds": lambda db: ledger.overdue_holds(db, NOW),
    "ledger.purse": lambda db: ledger.purse(db, OWNER),
    "ledger.taken_back": lambda db: ledger.taken_back(db, OWNER, EventName("test:bank", "1")),
    "notices.credited_hashes": lambda db: notices.credited_hashes(db, NAME),
    "notices.names_by_receipt": lambda db: notices.names_by_receipt(db, "1"),
    "outbox.newest": lambda db: outbox.newest(db, OWNER, "low_balance"),
    "rates.due": lambda db: rates.due(db, "k5", NOW),
    "rates.load_table": lambda db: rates.load_table(db, "k5", 1, NOW),
    "rates.newest_for": lambda db: rates.newest_for(db, "k5", NOW),
    "rates.price_moments": lambda db: rates.price_moments(db, 1),
    "rates.published": lambda db: list(rates.published(db, 1)),
    "rates.version": lambda db: rates.version(db, 1),
    "rates.versions": lambda db: rates.versions(db),
    "statements.by_event": lambda db: statements.by_event(db, OWNER, 1, EventName("call", "1")),
    "statements.first_day": lambda db: statements.first_day(db, OWNER, 1),
    "statements.line": lambda db: statements.line(db, OWNER, 1, 1),
    "statements.lines": lambda db: statements.lines(db, OWNER, 1, MONTH, 7, 25),
    "statements.spent_by_day": lambda db: statements.spent_by_day(db, OWNER, 1, MONTH),
    "statements.turnover": lambda db: statements.turnover(db, OWNER, 1, MONTH),
    "subscribers.find": lambda db: subscribers.find(db, [Msisdn("79161234567")], OWNER),
    "subscribers.find_payer": lambda db: subscribers.find_payer(db, [Msisdn("79161234567")], OWNER, [b"1"]),
    "subscribers.get": lambda db: subscribers.get(db, OWNER),
    "subscribers.password_hash": lambda db: subscribers.password_hash(db, OWNER),
    "saved_cards.find": lambda db: saved_cards.find(db, OWNER, 1),
    "saved_cards.find_by_id": lambda db: saved_cards.find_by_id(db, OWNER, "test:cards", "1"),
    "saved_cards.live": lambda db: saved_cards.live(db, OWNER),
    "saved_cards.untold": lambda db: saved_cards.untold(db),
    "topups.by_booked_key": lambda db: topups.by_booked_key(db, OWNER, "test:net", "1"),
    "topups.by_code": lambda db: topups.by_code(db, "1234567", "test:net"),
    "topups.cards_tried": lambda db: topups.cards_tried(db, OWNER, ["test:cards"], NOW),
    "topups.due": lambda db: topups.due(db, NOW),
    "topups.find": lambda db: topups.find(db, OWNER, 1),
    "topups.find_by_form_key": lambda db: topups.find_by_form_key(db, OWNER, "key"),
    "topups.find_by_provider_id": lambda db: topups.find_by_provider_id(db, "test:net", "1"),
    "topups.newest_of_origin": lambda db: topups.newest_of_origin(db, OWNER, "test:net"),
    "topups.page": lambda db: topups.page(db, OWNER, 7, 25),
    "verify.find_breaches": lambda db: list(verify.find_breaches(db, NOW)),
}

WRITES = {
    "allocator.allocate",
    *(f"calls.{name}" for name in ("add", "add_cdrs", "add_events", "change", "lock", "move_position", "report")),
    *(f"calls.{name}" for name in ("position", "take")),
    *(f"devices.{name}" for name in ("add", "confirm", "end", "end_all", "forget", "lock", "mark_seen", "rotate")),
    *(f"devices.{name}" for name in ("set_at_once", "touch")),
    *(f"ledger.{name}" for name in ("bar", "expire", "hold", "lock_purse", "open_account", "post", "release")),
    "ledger.settle",
    *(f"notices.{name}" for name in ("add", "add_forged")),
    "outbox.note_crossings",
    *(f"auto_topups.{name}" for name in ("arm", "change", "end_declined", "set_up", "take")),
    *(f"saved_cards.{name}" for name in ("keep", "remove")),
    *(f"topups.{name}" for name in ("add", "change", "lock", "plan_look", "take")),
    *(f"logins.{name}" for name in ("lock", "write")),
    "rates.add_version",
    *(f"subscribers.{name}" for name in ("add", "rehash", "set_at_once_limit", "set_language", "set_password")),
    *(f"subscribers.{name}" for name in ("set_blocked", "set_inn")),
    "wakeups.wake",
}

NEEDS_A_ROW = {"calls.queue_place", "ledger.recorded_at"}  # reads, but asks for a whole call: tried with the services
