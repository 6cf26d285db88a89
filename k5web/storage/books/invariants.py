"""What must always be true of the ledger, each as a query that finds nothing.

One statement per rule: it sees one moment, so money that moves meanwhile is no false alarm. What all postings are read
for is asked of some owners at a time, whose events lie together. Rules of one owner stay exact on many nodes; I9 and
the claims of I3 and I13 are for times of rest there.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import BindParameter, bindparam, text
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import OUTSIDE_ORIGINS, Breach
from k5web.domain.calls.call import LONGEST_CALL, OVER_STATES
from k5web.domain.calls.charging import charge_call
from k5web.storage import citus
from k5web.storage.books import (
    act_invariants,
    bank_invariants,
    bonus_invariants,
    chain_invariants,
    claim_invariants,
    promised_payment_invariants,
    seal_invariants,
    subscription_invariants,
    top_up_invariants,
    transfer_invariants,
)
from k5web.storage.books.chain_invariants import BELOW_ALL, POSTINGS_AT_ONCE, owner_ranges
from k5web.storage.books.invariant import Part, Rule
from k5web.storage.calls import call_rows
from k5web.storage.sql import be_patient
from k5web.storage.tables.base import quoted
from k5web.storage.types import Day, Instant, Whole

OVERDUE = timedelta(minutes=10)  # the sweep comes every minute: older is not being swept
OF_CHAINS = {"I1", "I2", "I3", "I4", "I5"}
_EPOCH = date(2000, 1, 1)  # the day of an account that never moved

# Text by name, not only by what it is made of: SQLite looks for no key by an expression that is of no type
_CALL_ID = "CAST(CAST(c.owner_id AS text) || '-' || CAST(c.n AS text) AS text)"
_OUTSIDE = f"(t.origin LIKE '%:%' OR t.origin IN ({quoted(OUTSIDE_ORIGINS)}))"


_RULES: list[Rule] = [
    *chain_invariants.RULES,
    Rule(
        "I3",
        "owner {owner_id} name {origin} {key}",
        "is claimed without an event",
        """
        SELECT c.owner_id, c.origin, c.key FROM name_claim c
        LEFT JOIN ledger_transaction t ON t.owner_id = c.owner_id AND t.origin = c.origin AND t.key = c.key
        WHERE t.key IS NULL AND NOT (c.owner_id = 0 AND EXISTS (
            SELECT 1 FROM notice n WHERE n.key = c.key AND n.origin = c.origin AND n.kind = 'cancelled'))
        """,
    ),
    Rule(
        "I5",
        "owner {owner_id} account {account_id} hold {call_id}",
        "open since its end at {expires_at}",
        "SELECT owner_id, account_id, call_id, expires_at FROM hold WHERE state = 'open' AND expires_at < :overdue",
    ),
    Rule(
        "I5",
        "owner {owner_id} hold {call_id}",
        "keeps {amount_minor} aside for no open application of this sum",
        """
        SELECT h.owner_id, h.call_id, h.amount_minor FROM hold h
        WHERE h.state = 'open' AND h.call_id LIKE 'refund advance %' AND NOT EXISTS (
            SELECT 1 FROM refund_application r WHERE r.owner_id = h.owner_id AND r.amount_minor = h.amount_minor
                AND h.call_id = 'refund advance ' || r.owner_id || '-' || r.n
                AND r.paid_at IS NULL AND r.declined_at IS NULL)
        """,
    ),
    Rule(
        "I6",
        "owner {owner_id} event reversal {key}",
        "differs from its original by {difference} on account {account_id} against {counter}",
        """
        SELECT owner_id, key, account_id, counter, sum(amount_minor) AS difference FROM (
            SELECT t.owner_id, t.key, p.account_id, p.counter, p.amount_minor FROM ledger_transaction t
            JOIN posting p ON p.owner_id = t.owner_id AND p.origin = t.origin AND p.key = t.key
            WHERE t.origin = 'reversal'
            UNION ALL
            SELECT t.owner_id, t.key, p.account_id, p.counter, p.amount_minor FROM ledger_transaction t
            JOIN posting p ON p.owner_id = t.owner_id AND p.origin = t.reverses_origin AND p.key = t.reverses_key
            WHERE t.origin = 'reversal'
        ) x GROUP BY owner_id, key, account_id, counter HAVING sum(amount_minor) <> 0
        """,
    ),
    Rule(
        "I6",
        "owner {owner_id} event {reverses_origin} {reverses_key}",
        "is reversed {times} times",
        """
        SELECT owner_id, reverses_origin, reverses_key, count(*) AS times FROM ledger_transaction
        WHERE origin = 'reversal' GROUP BY owner_id, reverses_origin, reverses_key HAVING count(*) > 1
        """,
    ),
    Rule(
        "I6",
        "owner {owner_id} event {reverses_origin} {reverses_key}",
        "{refunded} refunded of {paid}",
        """
        SELECT * FROM (
            SELECT t.owner_id, t.reverses_origin, t.reverses_key, -sum(p.amount_minor) AS refunded, (
                SELECT coalesce(sum(o.amount_minor), 0) FROM posting o WHERE o.owner_id = t.owner_id
                AND o.origin = t.reverses_origin AND o.key = t.reverses_key) AS paid
            FROM ledger_transaction t
            JOIN posting p ON p.owner_id = t.owner_id AND p.origin = t.origin AND p.key = t.key
            WHERE t.origin = 'refund' AND t.reverses_key IS NOT NULL
            GROUP BY t.owner_id, t.reverses_origin, t.reverses_key
        ) x WHERE refunded > paid
        """,
    ),
    Rule(
        "I6",
        "owner {owner_id} refund {key}",
        "{refunded} refunded, {paid} by a paid application or claim",
        """
        SELECT * FROM (
            SELECT t.owner_id, t.key, (
                SELECT -sum(p.amount_minor) FROM posting p
                WHERE p.owner_id = t.owner_id AND p.origin = t.origin AND p.key = t.key) AS refunded, (
                SELECT coalesce(sum(r.amount_minor), 0) FROM refund_application r WHERE r.owner_id = t.owner_id
                AND t.key = 'advance ' || r.owner_id || '-' || r.n AND r.paid_at IS NOT NULL) + (
                SELECT coalesce(sum(c.given_minor), 0) FROM claim c WHERE c.owner_id = t.owner_id
                AND t.key = 'claim ' || c.owner_id || '-' || c.n AND c.paid_at IS NOT NULL) AS paid
            FROM ledger_transaction t WHERE t.origin = 'refund' AND t.reverses_key IS NULL
        ) x WHERE refunded <> paid
        """,
    ),
    Rule(
        "I6",
        "owner {owner_id} application {n}",
        "is paid and its refund is not booked",
        """
        SELECT r.owner_id, r.n FROM refund_application r WHERE r.paid_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM ledger_transaction t WHERE t.owner_id = r.owner_id AND t.origin = 'refund'
            AND t.key = 'advance ' || r.owner_id || '-' || r.n)
        """,
    ),
    Rule(
        "I7",
        "call {owner_id}-{n}",
        "is {state} since {changed_at}",
        f"""
        SELECT owner_id, n, state, changed_at FROM call
        WHERE state NOT IN ({quoted(OVER_STATES)}) AND ordered_at < :yesterday
        """,  # noqa: S608
    ),
    Rule(
        "I7",
        "call {owner_id}-{n}",
        "cost {cost}; its transaction takes {taken}",
        f"""
        SELECT * FROM (
            SELECT c.owner_id, c.n, coalesce(c.cost_minor, 0) AS cost, coalesce(p.taken, 0) AS taken
            FROM call c LEFT JOIN (
                SELECT owner_id, account_id, key, -sum(amount_minor) AS taken FROM posting
                WHERE origin = 'call' AND owner_id BETWEEN :first AND :last GROUP BY owner_id, account_id, key
            ) p ON p.owner_id = c.owner_id AND p.account_id = c.account_id AND p.key = {_CALL_ID}
            WHERE c.owner_id BETWEEN :first AND :last
        ) x WHERE cost <> taken
        """,  # noqa: S608
    ),
    Rule(
        "I7",
        "owner {owner_id} event call {key}",
        "has no finished leg",
        f"""
        SELECT t.owner_id, t.key FROM ledger_transaction t LEFT JOIN (
            SELECT DISTINCT c.owner_id, {_CALL_ID} AS id FROM cdr c WHERE c.owner_id BETWEEN :first AND :last
        ) legs ON legs.owner_id = t.owner_id AND legs.id = t.key
        WHERE t.owner_id BETWEEN :first AND :last AND t.origin = 'call' AND legs.id IS NULL AND t.key NOT LIKE '%#%'
        """,  # noqa: S608
    ),
    Rule(
        "I7",
        "call {owner_id}-{n}",
        "was answered {times} times, is not placed, and nobody was told",
        f"""
        SELECT c.owner_id, c.n, count(*) AS times FROM call c
        JOIN switch_event e ON e.owner_id = c.owner_id AND e.n = c.n AND e.kind = 'ANSWER'
        WHERE c.state = 'not_placed' AND e.at < :yesterday AND NOT EXISTS (
            SELECT 1 FROM incident i
            WHERE i.owner_id = c.owner_id AND i.kind = 'late_record' AND i.reference = {_CALL_ID})
        GROUP BY c.owner_id, c.n
        """,  # noqa: S608
    ),
    Rule(
        "I9",
        "unit {unit}",
        "both sides of the journal together are {total}",
        "SELECT unit, sum(amount_minor) AS total FROM journal GROUP BY unit HAVING sum(amount_minor) <> 0",
    ),
    Rule(
        "I9",
        "unit {unit}",
        "all balances are {balances}, all postings {postings}",
        """
        SELECT * FROM (
            SELECT unit, sum(balance) AS balances, sum(posted) AS postings FROM (
                SELECT unit, balance_minor AS balance, 0 AS posted FROM account
                UNION ALL SELECT unit, 0, amount_minor FROM posting
            ) y GROUP BY unit
        ) x WHERE balances <> postings
        """,
    ),
    Rule(
        "I11",
        "notice {origin} {key}",
        "was answered as paid to {owner_id}, and there is no such event",
        """
        SELECT n.origin, n.key, n.owner_id FROM notice n
        LEFT JOIN ledger_transaction t ON t.owner_id = n.owner_id AND t.origin = n.origin AND t.key = n.key
        WHERE n.kind = 'paid' AND n.verdict IN ('ok', 'repeat') AND t.key IS NULL
        """,
    ),
    Rule(
        "I11",
        "notice {origin} {key}",
        "was answered as taken back from {owner_id}, and there is no reversal",
        """
        SELECT n.origin, n.key, n.owner_id FROM notice n
        LEFT JOIN ledger_transaction t ON t.owner_id = n.owner_id AND t.origin = 'reversal'
            AND t.reverses_origin = n.origin AND t.reverses_key = n.key
        WHERE n.kind = 'cancelled' AND n.verdict IN ('ok', 'repeat') AND t.key IS NULL
        """,
    ),
    Rule(
        "I13",
        "notice {origin} {key}",
        "says {said} {currency}, the ledger {amount_minor} {unit}",
        """
        SELECT DISTINCT n.origin, n.key, n.amount_minor AS said, n.currency, p.amount_minor, p.unit FROM notice n
        JOIN posting p ON p.owner_id = n.owner_id AND p.origin = n.origin AND p.key = n.key
        WHERE n.kind = 'paid' AND n.verdict IN ('ok', 'repeat')
            AND (p.amount_minor <> n.amount_minor OR p.unit <> n.currency)
        """,
    ),
    Rule(
        "I13",
        "name {origin} {key}",
        "is credited to {owners} owners",
        f"""
        SELECT t.origin, t.key, count(DISTINCT t.owner_id) AS owners FROM ledger_transaction t WHERE {_OUTSIDE}
        GROUP BY t.origin, t.key HAVING count(DISTINCT t.owner_id) > 1
        """,  # noqa: S608
    ),
    Rule(
        "I13",
        "owner {owner_id} event {origin} {key}",
        "its name is not claimed, or for other facts",
        f"""
        SELECT t.owner_id, t.origin, t.key FROM ledger_transaction t
        LEFT JOIN name_claim c ON c.key = t.key AND c.origin = t.origin
            AND c.owner_id = t.owner_id AND c.fingerprint = t.fingerprint
        WHERE {_OUTSIDE} AND c.key IS NULL
        """,  # noqa: S608
    ),
    *top_up_invariants.RULES,
    *bank_invariants.RULES,
    *transfer_invariants.RULES,
    *bonus_invariants.RULES,
    *promised_payment_invariants.RULES,
    *subscription_invariants.RULES,
    *act_invariants.RULES,
    *seal_invariants.RULES,
    *claim_invariants.RULES,
]


def parts(db: Session, now: datetime, above: int = BELOW_ALL, at_once: int = POSTINGS_AT_ONCE) -> list[Part]:
    """Return what is to be asked, in this order: of the owners above one, about so many postings at once, then of the
    whole house."""
    be_patient(db)
    values: dict[str, BindParameter[Any]] = {
        "overdue": bindparam("overdue", now - OVERDUE, type_=Instant()),
        "yesterday": bindparam("yesterday", now - LONGEST_CALL, type_=Instant()),
        "late": bindparam("late", now - act_invariants.LATE, type_=Instant()),
        "epoch": bindparam("epoch", _EPOCH, type_=Day()),
    }
    asked_of = (partial(_ask_owners, values=values, owners=each) for each in owner_ranges(db, above, at_once))
    of_house = [partial(_broken, rule=rule, values=values) for rule in _RULES if not rule.is_of_owners]
    longer: tuple[Callable[[Session], Iterator[Breach]], ...] = (  # what no single statement says
        top_up_invariants.paid_before_begun,
        partial(subscription_invariants.find_gaps, now=now),
        seal_invariants.find_broken,
    )
    return [
        *(Part(each, each.keywords["owners"][1]) for each in asked_of),
        *(Part(each) for each in of_house),
        *(Part(each) for each in longer),
    ]


def broken_chains(db: Session, now: datetime) -> Iterator[Breach]:
    """Find the rows that break I1 to I5 alone: what must hold before rows go to other machines, and afterwards."""
    be_patient(db)
    rules = [rule for rule in _RULES if rule.invariant in OF_CHAINS]
    values: dict[str, BindParameter[Any]] = {
        "overdue": bindparam("overdue", now - OVERDUE, type_=Instant()),
        "epoch": bindparam("epoch", _EPOCH, type_=Day()),
    }
    for owners in owner_ranges(db, BELOW_ALL, POSTINGS_AT_ONCE):
        ends = {name: bindparam(name, end, type_=Whole) for name, end in zip(("first", "last"), owners, strict=True)}
        for rule in rules:
            if rule.is_of_owners:
                yield from _broken(db, rule, {**values, **ends})
    for rule in rules:
        if not rule.is_of_owners:
            yield from _broken(db, rule, values)


def ask(db: Session, part: Part) -> list[Breach]:
    """Return the rows that break what this part asks; its statements may take minutes."""
    be_patient(db)
    return list(part.ask(db))


def _ask_owners(db: Session, values: Mapping[str, BindParameter[Any]], owners: tuple[int, int]) -> Iterator[Breach]:
    ends = {name: bindparam(name, end, type_=Whole) for name, end in zip(("first", "last"), owners, strict=True)}
    for rule in _RULES:
        if rule.is_of_owners:
            yield from _broken(db, rule, {**values, **ends})
    yield from _wrongly_free(db, owners)
    yield from seal_invariants.broken_digests(db, owners)


def _broken(db: Session, rule: Rule, values: Mapping[str, BindParameter[Any]]) -> Iterator[Breach]:
    needed = [value for name, value in values.items() if f":{name}" in rule.query]
    query = rule.wide if citus.is_wide(db) else rule.query
    for row in db.execute(text(query).bindparams(*needed)).mappings():
        yield Breach(rule.invariant, rule.where.format_map(row), rule.found.format_map(row))


def _wrongly_free(db: Session, owners: tuple[int, int]) -> Iterator[Breach]:
    """I7: an answered call that cost nothing must be free by its rates and its seconds."""
    answered = """
        SELECT c.owner_id, c.n FROM call c
        WHERE c.owner_id BETWEEN :first AND :last AND c.state = 'settled' AND c.cost_minor = 0 AND EXISTS (
            SELECT 1 FROM cdr WHERE cdr.owner_id = c.owner_id AND cdr.n = c.n AND cdr.answered_at IS NOT NULL)
    """
    for row in db.execute(text(answered), dict(zip(("first", "last"), owners, strict=True))).all():
        call = call_rows.find(db, row.owner_id, row.n)
        due = charge_call(call, call_rows.cdrs(db, row.owner_id, row.n)).charged if call else None
        if due and due.minor:
            yield Breach("I7", f"call {row.owner_id}-{row.n}", f"was free; its legs come to {due}")
