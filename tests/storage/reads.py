"""Every public function of storage: what only reads must work on a standby. Whoever adds one, adds it here."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from k5web.domain.call import CallState
from k5web.domain.ledger import EventName
from k5web.domain.number import Msisdn
from k5web.storage import (
    calls,
    devices,
    figures,
    incidents,
    ledger,
    missed,
    rates,
    routes,
    safety,
    statements,
    subscribers,
    tokens,
    verify,
    widgets,
)

OWNER = 100001  # has an empty main account, and no more
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
MONTH = date(2026, 12, 1), date(2027, 1, 1)

READS: dict[str, Callable[[Session], object]] = {
    "calls.cdrs": lambda db: calls.cdrs(db, OWNER, 1),
    "calls.events": lambda db: calls.events(db, OWNER, 1),
    "calls.find": lambda db: calls.find(db, OWNER, 1),
    "calls.find_by_form_key": lambda db: calls.find_by_form_key(db, OWNER, "key"),
    "calls.incident_kinds": lambda db: calls.incident_kinds(db),
    "calls.last_to": lambda db: calls.last_to(db, OWNER, "74951234567", at_once=False),
    "calls.looks": lambda db: calls.looks(db),
    "calls.live": lambda db: calls.live(db, OWNER),
    "calls.live_by_form": lambda db: calls.live_by_form(db, OWNER, "widget:x:74951234567:"),
    "calls.page": lambda db: calls.page(db, OWNER, 7, 25),
    "calls.placed": lambda db: calls.placed(db, [f"{OWNER}-1"]),
    "calls.recent_numbers": lambda db: calls.recent_numbers(db, OWNER, 5),
    "calls.unfinished": lambda db: calls.unfinished(db, 10),
    "calls.waiting": lambda db: calls.waiting(db),
    "calls.unheard_of": lambda db: calls.unheard_of(db, [CallState.TALKING], NOW),
    "devices.ended": lambda db: devices.ended(db, OWNER, "reuse", NOW),
    "devices.find": lambda db: devices.find(db, "selector"),
    "devices.live": lambda db: devices.live(db, OWNER),
    "figures.incidents": lambda db: figures.incidents(db),
    "figures.oldest_waiting": lambda db: figures.oldest_waiting(db),
    "figures.open_holds": lambda db: figures.open_holds(db),
    "figures.refusals": lambda db: figures.refusals(db),
    "figures.unfinished_calls": lambda db: figures.unfinished_calls(db),
    "incidents.of_call": lambda db: incidents.of_call(db, OWNER, "100001-1"),
    "incidents.unticked": lambda db: incidents.unticked(db, 10),
    "ledger.find_event": lambda db: ledger.find_event(db, OWNER, EventName("call", "1")),
    "ledger.find_hold": lambda db: ledger.find_hold(db, OWNER, 1, "100001-1"),
    "ledger.is_known": lambda db: ledger.is_known(db, OWNER, EventName("test:bank", "1")),
    "ledger.overdue_holds": lambda db: ledger.overdue_holds(db, NOW),
    "ledger.purse": lambda db: ledger.purse(db, OWNER),
    "ledger.taken_back": lambda db: ledger.taken_back(db, OWNER, EventName("test:bank", "1")),
    "missed.contacts": lambda db: missed.contacts(db, OWNER),
    "missed.latest": lambda db: missed.latest(db, OWNER, 5),
    "missed.new": lambda db: missed.new(db),
    "rates.due": lambda db: rates.due(db, "k5", NOW),
    "rates.load_table": lambda db: rates.load_table(db, "k5", 1, NOW),
    "rates.newest_for": lambda db: rates.newest_for(db, "k5", NOW),
    "rates.price_moments": lambda db: rates.price_moments(db, 1),
    "rates.published": lambda db: list(rates.published(db, 1)),
    "rates.version": lambda db: rates.version(db, 1),
    "rates.versions": lambda db: rates.versions(db),
    "safety.first_money_at": lambda db: safety.first_money_at(db, OWNER, 1),
    "safety.limits": lambda db: safety.limits(db, OWNER),
    "safety.opened": lambda db: safety.opened(db, OWNER),
    "safety.ordered_since": lambda db: safety.ordered_since(db, OWNER, NOW),
    "safety.refusals": lambda db: safety.refusals(db, OWNER),
    "safety.unanswered": lambda db: safety.unanswered(db, OWNER, "74951234567", NOW),
    "routes.traffic": lambda db: routes.traffic(db, NOW),
    "routes.troubles": lambda db: routes.troubles(db),
    "statements.by_event": lambda db: statements.by_event(db, OWNER, 1, EventName("call", "1")),
    "statements.first_day": lambda db: statements.first_day(db, OWNER, 1),
    "statements.line": lambda db: statements.line(db, OWNER, 1, 1),
    "statements.lines": lambda db: statements.lines(db, OWNER, 1, MONTH, 7, 25),
    "statements.spent_by_day": lambda db: statements.spent_by_day(db, OWNER, 1, MONTH),
    "statements.turnover": lambda db: statements.turnover(db, OWNER, 1, MONTH),
    "subscribers.find": lambda db: subscribers.find(db, [Msisdn("79161234567")], OWNER),
    "subscribers.get": lambda db: subscribers.get(db, OWNER),
    "subscribers.password_hash": lambda db: subscribers.password_hash(db, OWNER),
    "tokens.find": lambda db: tokens.find(db, "selector"),
    "tokens.live": lambda db: tokens.live(db, OWNER),
    "widgets.find": lambda db: widgets.find(db, "code"),
    "widgets.of_owner": lambda db: widgets.of_owner(db, OWNER),
    "verify.find_breaches": lambda db: list(verify.find_breaches(db, NOW)),
}

WRITES = {
    "allocator.allocate",
    *(f"calls.{name}" for name in ("add", "add_cdrs", "add_events", "change", "lock", "move_position", "report")),
    *(f"calls.{name}" for name in ("position", "take")),
    *(f"devices.{name}" for name in ("add", "confirm", "end", "end_all", "forget", "lock", "mark_seen", "rotate")),
    *(f"devices.{name}" for name in ("set_at_once", "touch")),
    *(f"ledger.{name}" for name in ("expire", "hold", "lock_purse", "open_account", "post", "release", "settle")),
    *(f"logins.{name}" for name in ("lock", "write")),
    *(f"missed.{name}" for name in ("add", "assign", "close", "forget", "release")),
    *(f"paces.{name}" for name in ("book", "forget")),
    "rates.add_version",
    *(f"safety.{name}" for name in ("close_direction", "count_refusal", "open_direction", "set_limits")),
    "calls.note_look",
    "incidents.tick",
    *(f"routes.{name}" for name in ("find_trouble", "forget_trouble", "lock", "write_trouble")),
    *(f"subscribers.{name}" for name in ("add", "rehash", "set_at_once_limit", "set_language", "set_password")),
    "subscribers.verify_phone",
    *(f"tokens.{name}" for name in ("add", "end", "touch")),
    "wakeups.wake",
    *(f"widgets.{name}" for name in ("lock", "remove", "save")),
}

NEEDS_A_ROW = {"calls.queue_place"}  # reads, but asks for a whole call: tried with the services
