"""Rules of numbers: looked at, changed by their renters step by step, tried without a call, taken back.

Every change is a version of its own, put in force at once and kept; one that could not work is refused as a whole.
Changes happen under the owner's lock, and only to the version that was shown.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.accounts.stock_number import NumberState
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.pbx.greeting import Greeting, GreetingState
from k5web.domain.pbx.image import BY_ID, TOLL_FREE, KeptRule
from k5web.domain.pbx.people import PbxUser
from k5web.domain.pbx.rule import EVERYBODY, MOST_BLACK, Ring, Rule, Step, Wait
from k5web.domain.pbx.rule_problems import Known, problems
from k5web.domain.pbx.rule_templates import TEMPLATES, default_rule
from k5web.domain.pbx.rule_walk import Reached, Stage, States, walk
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotFound, StaleRule, TooMany, WrongRule
from k5web.services.ports import OPERATOR_ZONE, Ports
from k5web.storage.accounts import number_rows, personal_rows, subscribers
from k5web.storage.books import ledger
from k5web.storage.pbx import greeting_rows, pbx_rows, people_rows, rule_rows
from k5web.storage.pbx.rule_rows import RuleVersion
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

VERSIONS: Final = 10  # that a page lists


@dataclass(frozen=True, slots=True)
class RulePage:
    """A number's rule with all that its page shows."""

    number: str  # E.164 digits; `id`: callers of the shared number
    version: int  # 0: nobody made one
    rule: Rule
    is_default: bool
    people: Sequence[PbxUser]
    versions: Sequence[RuleVersion]
    black: Sequence[str]
    greetings: Sequence[Greeting] = ()  # the organisation's own prompts that are ready

    def gone(self, step: Step) -> list[str]:
        """Return the extensions that a step rings and nobody has any more: the switch passes them over."""
        known = {EVERYBODY, *(user.extension for user in self.people)}
        return [one for one in step.people if one not in known] if isinstance(step, Ring | Wait) else []

    @property
    def is_by_id(self) -> bool:
        """True of the rule of callers by id."""
        return self.number == BY_ID

    @property
    def is_toll_free(self) -> bool:
        """True where the renter pays for the callers."""
        return self.number.startswith(TOLL_FREE)


@dataclass(frozen=True, slots=True)
class Trial:
    """A call that is made up: when, from whom, what the caller presses, and how it goes with whoever is rung."""

    moment: datetime
    caller: str = ""  # E.164 digits; "": none is shown
    keys: tuple[str, ...] = ()
    people: Reached = Reached.NO_ANSWER
    forward: Reached = Reached.NO_ANSWER


@transactional
def show(ports: Ports, owner_id: int, number: str) -> RulePage:
    """Return a number's rule. Raises: NotFound: the number is not this subscriber's, or no organisation has an id."""
    with ports.sessions.read() as db:
        _check_theirs(ports, db, owner_id, number)
        kept = rule_rows.newest(db, owner_id, number)
        return RulePage(
            number,
            kept.version,
            _rule(kept, subscribers.get(db, owner_id)),
            is_default=kept.rule is None,
            people=people_rows.users(db, owner_id),
            versions=rule_rows.versions(db, owner_id, number, VERSIONS),
            black=rule_rows.black(db, owner_id),
            greetings=[one for one in greeting_rows.of_owner(db, owner_id) if one.state is GreetingState.READY],
        )


@transactional
def led_here(ports: Ports, owner_id: int) -> list[str]:
    """Return what has a rule of this subscriber's: rented numbers, and `id` of an organisation's callers by id."""
    with ports.sessions.read() as db:
        return _led_here(ports, db, owner_id)


@transactional
def change(ports: Ports, owner_id: int, number: str, seen: int, edit: Callable[[Rule], Rule], actor: str) -> int:
    """Put a changed rule in force and return its version; a change that changes nothing makes none.

    `seen`: the version that was shown. Raises: StaleRule, WrongRule, NotFound, SubscriberBlocked.
    """
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        owner = subscribers.admit(db, owner_id)
        _check_theirs(ports, db, owner_id, number)
        kept = rule_rows.newest(db, owner_id, number)
        if kept.version != seen:
            raise StaleRule
        before = _rule(kept, owner)
        after = edit(before)
        if after == before:
            return kept.version
        _check(db, owner_id, after, before)
        return put_in_force(ports, db, owner_id, number, after, actor)


def take_template(ports: Ports, owner_id: int, number: str, seen: int, code: str, actor: str) -> int:
    """Begin anew with one of the rules that are ready. Raises: as `change`; NotFound for no such template."""
    make = NotFound.unless(TEMPLATES.get(code), f"template {code[:20]}")
    people, phone = _of_owner(ports, owner_id)
    return change(ports, owner_id, number, seen, lambda _rule: make(people, phone), actor)


@transactional
def go_back(ports: Ports, owner_id: int, number: str, seen: int, version: int, actor: str) -> int:
    """Put an older version in force once more, as a new one; 0 is the rule of who has none.

    Raises: as `change`: people that it rings may be gone.
    """
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        subscribers.admit(db, owner_id)
        _check_theirs(ports, db, owner_id, number)
        if rule_rows.newest(db, owner_id, number).version != seen:
            raise StaleRule
        old = KeptRule(0, None) if not version else rule_rows.find(db, owner_id, number, version)
        if old is None:
            raise NotFound(what=f"version {version}")
        if old.rule is not None:
            _check(db, owner_id, old.rule)
        return put_in_force(ports, db, owner_id, number, old.rule, actor)


def trial(page: RulePage, tried: Trial) -> list[Stage]:
    """Return what a call would meet, without calling."""
    known = {user.extension for user in page.people}

    def person(extension: str) -> Reached:
        return tried.people if extension in known or extension == EVERYBODY else Reached.UNREACHABLE

    is_black = bool(tried.caller) and tried.caller in page.black
    states = States(person, tried.forward, tried.keys, frozenset({*known, EVERYBODY}), is_black)
    return walk(page.rule, tried.moment.astimezone(OPERATOR_ZONE), states)


def in_force(ports: Ports, db: Session, owner_id: int) -> dict[str, Rule]:
    """Return the rules that an organisation made for what leads callers to it, by number; `id` of callers by id."""
    found = {number: rule_rows.newest(db, owner_id, number).rule for number in _led_here(ports, db, owner_id)}
    return {number: rule for number, rule in found.items() if rule}


@transactional
def refuse_caller(ports: Ports, owner_id: int, caller: Msisdn) -> None:
    """Take no more calls from somebody. Raises: TooMany, SubscriberBlocked."""
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        subscribers.admit(db, owner_id)
        known = rule_rows.black(db, owner_id)
        if caller.digits not in known and len(known) >= MOST_BLACK:
            raise TooMany(limit=MOST_BLACK)
        rule_rows.add_black(db, owner_id, caller.digits, ports.clock())
        pbx_rows.touch(db, owner_id, ports.clock())


@transactional
def take_caller(ports: Ports, owner_id: int, caller: str) -> None:
    """Take somebody's calls again."""
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        if rule_rows.remove_black(db, owner_id, caller):
            pbx_rows.touch(db, owner_id, ports.clock())


def put_in_force(ports: Ports, db: Session, owner_id: int, number: str, rule: Rule | None, actor: str) -> int:
    """Append a rule of a number, or none again, and return its version. The caller holds the account and checked it."""
    now = ports.clock()
    version = rule_rows.add(db, owner_id, number, rule, now, actor)
    pbx_rows.touch(db, owner_id, now)
    logger.info("rule changed", extra={"owner_id": owner_id, "version": version, "actor": actor})
    return version


def _check(db: Session, owner_id: int, rule: Rule, before: Rule | None = None) -> None:
    """Raises: WrongRule with all that is wrong, but for what became wrong by itself in the rule before: somebody who is
    gone from another step must not stop the change of this one."""
    people = {user.extension for user in people_rows.users(db, owner_id)}
    prompts = {one.digest for one in greeting_rows.of_owner(db, owner_id) if one.state is GreetingState.READY}
    rented = {digits for digits in rule.forwards() if number_rows.is_ours(db, digits)}
    known = Known(people, prompts, rented)
    old = {(one.what, one.fact) for one in problems(before, known) if one.fact} if before else set()
    found = [one for one in problems(rule, known) if (one.what, one.fact) not in old]
    if found:
        raise WrongRule(problems=found)


def _check_theirs(ports: Ports, db: Session, owner_id: int, number: str) -> None:
    """Raises: NotFound; whose the numbers of others are is not told."""
    if number == BY_ID:
        if not (ports.shared_number and _is_organisation(db, owner_id)):
            raise NotFound(what="shared number of this subscriber")
        return
    found = number_rows.get(db, number)
    if found.state is not NumberState.RENTED or found.owner_id != owner_id:
        raise NotFound(what=f"rented number {found.msisdn}")


def _led_here(ports: Ports, db: Session, owner_id: int) -> list[str]:
    rented = [one.msisdn.digits for one in number_rows.of_owner(db, owner_id) if one.is_rented_by(owner_id)]
    return [*rented, *([BY_ID] if ports.shared_number and _is_organisation(db, owner_id) else [])]


def _is_organisation(db: Session, owner_id: int) -> bool:
    told = [each.what for each in personal_rows.history(db, owner_id) if each.what != "email"]
    return bool(told) and told[-1] == "organisation"


@transactional
def _of_owner(ports: Ports, owner_id: int) -> tuple[list[str], str | None]:
    """Return the extensions of an organisation's people, and its owner's own proved phone."""
    with ports.sessions.read() as db:
        users, owner = people_rows.users(db, owner_id), subscribers.get(db, owner_id)
    return [user.extension for user in users], _phone(owner)


def _rule(kept: KeptRule, owner: Subscriber) -> Rule:
    return kept.rule or default_rule(_phone(owner))


def _phone(owner: Subscriber) -> str | None:
    return owner.phone.digits if owner.phone and owner.phone_verified_at else None
