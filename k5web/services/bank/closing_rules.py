"""Rules by which money in suspense is closed without a person: shown with what they would close before they act.

Only what names no account is closed so: a payment for an unknown, blocked or doubtful account is somebody's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from k5web.domain.bank.payment import Unmatched
from k5web.domain.bank.suspense import LONGEST_WORDS, NOT_OURS, SHORTEST_WORDS, Rule, Traits
from k5web.domain.money import Money
from k5web.domain.words import words_in
from k5web.errors import NotFound, WrongClosing
from k5web.services.bank import closing
from k5web.services.ports import Ports
from k5web.storage.allocator import allocate
from k5web.storage.bank import bank_payments, closings
from k5web.storage.session import transactional

ACTOR = "job:bank"
BATCH = 100  # payments a transaction
LISTED = 1000  # the others are counted


@dataclass(frozen=True, slots=True)
class Match:
    """A payment that a rule fits. `number`: of the payment in suspense; 0 where it is not booked."""

    rule: Rule
    number: int
    document_no: str
    payment: Traits


@dataclass
class Matched:
    """What rules closed, or would close: how many, what they come to, and the first of them."""

    count: int = 0
    amount: Money = field(default_factory=lambda: Money(0))
    first: list[Match] = field(default_factory=list)

    def add(self, match: Match) -> None:
        """Take one more."""
        self.count += 1
        self.amount += match.payment.amount
        if len(self.first) < LISTED:
            self.first.append(match)


def draft(ports: Ports, payer: str, words: str, reason: str, actor: str, house: str = NOT_OURS) -> Rule:
    """Return a rule as it would be; it is in force nowhere. Raises: WrongClosing."""
    payer, words = " ".join(payer.split()), " ".join(words.split())
    closing.check_house(ports, house)
    for what, text in (("payer", payer), ("words", words)):
        is_short = text and sum(map(len, words_in(text))) < SHORTEST_WORDS
        if is_short or len(text) > LONGEST_WORDS or not text.isprintable():
            raise WrongClosing(
                reason=f"the rule's {what} must have {SHORTEST_WORDS} to {LONGEST_WORDS} letters or digits"
            )
    if not (payer or words):
        raise WrongClosing(reason="a rule needs a payer (tax number or words of the name), or words of the purpose")
    return Rule(0, payer, words, house, closing.checked_reason(reason), actor, ports.clock())


@transactional
def foresee(ports: Ports, rules: Sequence[Rule]) -> Matched:
    """Return what these rules would close of what waits; nothing is closed."""
    found = Matched()
    with ports.sessions.read() as db:
        for one in bank_payments.waiting(db):
            match = match_of(rules, one.why, one.traits, one.document_no, one.number)
            if match is not None and not one.was_closed:
                found.add(match)
    return found


@transactional
def add(ports: Ports, made: Rule) -> Rule:
    """Put a rule in force and return it with its number; an equal one that is in force already is returned instead."""
    with ports.sessions.begin() as db:
        number = allocate(db, "bank_rule")  # takes a lock, so a second process that adds the same rule waits
        for rule in closings.rules(db):
            if (rule.payer, rule.words, rule.house, rule.reason) == (made.payer, made.words, made.house, made.reason):
                return rule
        rule = Rule(number, made.payer, made.words, made.house, made.reason, made.actor, ports.clock())
        closings.add_rule(db, rule)
        return rule


@transactional
def rules(ports: Ports) -> list[Rule]:
    """Return the rules in force."""
    with ports.sessions.read() as db:
        return closings.rules(db)


@transactional
def remove(ports: Ports, rule_id: int) -> None:
    """End a rule; what it closed stays closed. Raises: NotFound."""
    with ports.sessions.begin() as db:
        if not closings.remove_rule(db, rule_id, ports.clock()):
            raise NotFound(what=f"rule {rule_id}")


def apply(ports: Ports) -> Matched:
    """Close what the rules in force fit, a few payments a transaction; what a person took back stays."""
    done = Matched()
    while in_force := rules(ports):
        found = foresee(ports, in_force).first
        batches = [found[at : at + BATCH] for at in range(0, len(found), BATCH)]
        closed = [match for batch in batches for match in _close(ports, batch)]
        for match in closed:
            done.add(match)
        if len(found) < LISTED or not closed:
            break
    return done


@transactional
def _close(ports: Ports, batch: Sequence[Match]) -> list[Match]:
    """Close a batch; what was given away, closed or taken back meanwhile is left, and rules ended meanwhile rest."""
    done = []
    with ports.sessions.begin() as db:
        for match in batch:
            payment, rule = closing.locked(db, match.number), match.rule
            is_free = payment.assigned_to is None and not closings.count(db, payment.name)
            if is_free and closings.rule(db, rule.id) is not None:
                closing.close_in(ports, db, payment, rule.reason, rule.house, ACTOR, rule.id)
                done.append(match)
    return done


def match_of(rules: Sequence[Rule], why: str | None, payment: Traits, document_no: str, number: int) -> Match | None:
    """Return by which rule a payment is closed that came to nobody, and for no account at all."""
    if why != Unmatched.NOBODY:
        return None
    rule = next((rule for rule in rules if rule.fits(payment)), None)
    return None if rule is None else Match(rule, number, document_no, payment)
