"""People of an organisation's PBX: added within what is paid for, changed, taken away; the accounts of their phones.

Everything of one organisation happens under the lock of its account, and every change touches its PBX, so that the
worker tells the switch.
"""

import logging
import secrets
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.accounts.label import label
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.pbx import people
from k5web.domain.pbx.people import EXTRA_USER, PASSWORD_SIGNS, PbxUser, Person, SipAccount
from k5web.domain.prices.plan import ServicePrice
from k5web.errors import ExtensionTaken, NoPbx, NotFound, PeopleLimit
from k5web.services.ports import Ports
from k5web.services.prices import number_plans
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger
from k5web.storage.pbx import conversation_rows, pbx_rows, people_rows
from k5web.storage.prices import subscription_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

PASSWORD_ALPHABET: Final = string.ascii_letters + string.digits  # any phone's web page takes these


@dataclass(frozen=True, slots=True)
class Roll:
    """The people of a PBX, and how many may be there."""

    people: tuple[Person, ...]
    limit: int | None  # None: no plan of the subscriber's has a PBX
    extra: ServicePrice | None  # by which the plan sells one person more
    extra_pieces: int = 0  # of it that are ordered

    @property
    def is_full(self) -> bool:
        """True where nobody more may be added."""
        return self.limit is None or len(self.people) >= self.limit


@transactional
def roll(ports: Ports, subscriber: Subscriber) -> Roll:
    """Return the people of a subscriber's PBX."""
    with ports.sessions.read() as db:
        return roll_in(ports, db, subscriber)


@transactional
def look_at(ports: Ports, owner_id: int) -> tuple[Roll, Mapping[str, datetime]]:
    """Return the people of a PBX, and by login when each phone talked last: whether one is registered the switch tells
    nobody. Raises: NotFound."""
    with ports.sessions.read() as db:
        return roll_in(ports, db, subscribers.get(db, owner_id)), conversation_rows.last_talks(db, owner_id)


def roll_in(ports: Ports, db: Session, subscriber: Subscriber) -> Roll:
    """Return the same within the caller's transaction. Whoever came last is beyond the limit first."""
    live = subscription_rows.live(db, subscriber.id)
    plans = [held.plan for held in number_plans.held(ports, db, subscriber)]
    limit = people.limit_of(plans, live)
    accounts = {each.user_n: each for each in people_rows.accounts(db, subscriber.id) if each.user_n is not None}
    found = [
        Person(user, accounts.get(user.n), is_over_limit=place >= (limit or 0))
        for place, user in enumerate(people_rows.users(db, subscriber.id))
    ]
    extra = next((plan.services[EXTRA_USER] for plan in plans if EXTRA_USER in plan.services), None)
    return Roll(tuple(found), limit, extra, sum(each.pieces for each in live if people.is_extra(each)))


@transactional
def add_person(ports: Ports, owner_id: int, title: str, extension: str = "") -> PbxUser:
    """Add a person by this extension, or by the first free one from 201 on.

    Raises: NoPbx, PeopleLimit, WrongName, WrongExtension, ExtensionTaken, SubscriberBlocked, ServicesSuspended.
    """
    now = ports.clock()
    with _changing(ports, owner_id) as db:
        subscriber = subscribers.serve(db, owner_id)
        known = roll_in(ports, db, subscriber)
        if known.limit is None:
            raise NoPbx(plan=ports.plans.of(subscriber).title)
        name = label(title)
        digits = _extension(known.people, extension)
        if known.is_full:
            raise PeopleLimit(limit=known.limit)
        added = people_rows.add_user(db, PbxUser(owner_id, 0, digits, name, now))
    logger.info("person of a PBX added", extra={"owner_id": owner_id, "n": added.n})
    return added


@transactional
def change_person(ports: Ports, owner_id: int, n: int, title: str, extension: str) -> None:
    """Give a person another name or extension; the phone's account stays.

    Raises: NotFound, WrongName, WrongExtension, ExtensionTaken.
    """
    with _changing(ports, owner_id) as db:
        users = people_rows.users(db, owner_id)
        user = _one(users, n)
        others = [Person(each, None) for each in users if each.n != n]
        people_rows.change_user(db, replace(user, title=label(title), extension=_extension(others, extension)))


@transactional
def remove_person(ports: Ports, owner_id: int, n: int) -> None:
    """Take a person away with the phone's account; one that is gone is gone."""
    now = ports.clock()
    with _changing(ports, owner_id) as db:
        people_rows.remove_accounts(db, owner_id, [people.phone_login(owner_id, n)], now)
        if people_rows.remove_user(db, owner_id, n, now):
            logger.info("person of a PBX removed", extra={"owner_id": owner_id, "n": n})


@transactional
def make_account(ports: Ports, owner_id: int, n: int) -> tuple[SipAccount, str]:
    """Give a person's phone an account, or its account a new password; return it with the password, which is kept
    nowhere. Raises: NotFound, SubscriberBlocked, ServicesSuspended."""
    password = "".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(PASSWORD_SIGNS))
    login = people.phone_login(owner_id, n)
    with _changing(ports, owner_id) as db:
        subscribers.serve(db, owner_id)
        _one(people_rows.users(db, owner_id), n)
        known = people_rows.find_account(db, owner_id, login)
        account = SipAccount(
            owner_id=owner_id,
            login=login,
            kind="phone",
            user_n=n,
            password_digest=people.digest_of(login, password),
            added_at=ports.clock(),
            networks=known.networks if known else (),
        )
        people_rows.put_account(db, account)
    logger.info("account of a phone made", extra={"owner_id": owner_id, "n": n})
    return account, password


@transactional
def restrict_account(ports: Ports, owner_id: int, n: int, networks: str) -> None:
    """Let a phone register from these networks only, from anywhere where none is typed.

    Raises: NotFound (there is no account), WrongNetwork.
    """
    allowed = people.networks(networks)
    with _changing(ports, owner_id) as db:
        login = people.phone_login(owner_id, n)
        known = NotFound.unless(people_rows.find_account(db, owner_id, login), f"account {login}")
        people_rows.put_account(db, replace(known, networks=allowed))


@transactional
def remove_account(ports: Ports, owner_id: int, n: int) -> None:
    """End the account of a person's phone at once; one that is gone is gone."""
    with _changing(ports, owner_id) as db:
        people_rows.remove_accounts(db, owner_id, [people.phone_login(owner_id, n)], ports.clock())


@contextmanager
def _changing(ports: Ports, owner_id: int) -> Iterator[Session]:
    """Open a transaction under the owner's lock in which the PBX changes."""
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        yield db
        pbx_rows.touch(db, owner_id, ports.clock())


def _one(users: Iterable[PbxUser], n: int) -> PbxUser:
    return NotFound.unless(next((user for user in users if user.n == n), None), f"person {n}")


def _extension(others: Sequence[Person], typed: str) -> str:
    """Return the extension that was typed, or a free one. Raises: WrongExtension, ExtensionTaken."""
    taken = {person.user.extension for person in others}
    if not typed.strip():
        return people.free_extension(taken)
    wanted = people.extension(typed)
    if wanted in taken:
        raise ExtensionTaken(extension=wanted)
    return wanted
