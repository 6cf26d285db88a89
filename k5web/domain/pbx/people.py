"""People of a PBX and what they speak by: extensions, accounts of phones, short-lived accounts of browsers.

A browser's account is made for one look at the page of the phone and ends by itself, with its device at the latest.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Final, Literal

from k5web.domain.prices.plan import Plan
from k5web.domain.prices.subscription import Subscription, SubscriptionState
from k5web.domain.throttle import Throttle
from k5web.errors import ExtensionTaken, WrongExtension, WrongNetwork

REALM: Final = "asterisk"  # of the digest: what the switch names when it asks for a password
PASSWORD_SIGNS: Final = 24
EXTRA_USER: Final = "extra_user"  # the service by which a plan sells one person more (B7)
FIRST_EXTENSION: Final = 201
LONGEST_EXTENSION: Final = 4  # digits
EVERYBODY: Final = "0"  # the extension that rings all phones, the owner's browser too
# Emergency numbers are dialled as they are; nobody of a PBX may stand in their way
EMERGENCY: Final = frozenset({"101", "102", "103", "104", "112"})
MOST_NETWORKS: Final = 5  # of one account
BROWSER_LIVES: Final = timedelta(hours=8)
MOST_BROWSERS: Final = 3  # accounts of one device: its tabs; one more ends the oldest
OPENING: Final = Throttle(every=timedelta(minutes=1), at_once=20)  # the page of the phone, by one owner

_EXTENSION = re.compile(rf"[1-9][0-9]{{1,{LONGEST_EXTENSION - 1}}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PbxUser:
    """A person of a PBX, whom callers reach by an extension."""

    owner_id: int
    n: int  # 1, 2, 3 … of this owner
    extension: str
    title: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class SipAccount:
    """An account by which a phone or a browser registers at the switch; at most three phones at a time."""

    owner_id: int
    login: str
    kind: Literal["phone", "browser"]
    user_n: int | None  # of the person; None: the owner's own browser
    password_digest: str
    added_at: datetime
    networks: tuple[str, ...] = ()  # it may register from; none: any
    until: datetime | None = None  # a browser's
    device: str | None = None  # the browser's, by its selector

    def is_over(self, now: datetime) -> bool:
        """Return whether a browser's time is up."""
        return self.until is not None and self.until <= now


@dataclass(frozen=True, slots=True)
class Person:
    """A person with the phone's account, where there is one."""

    user: PbxUser
    account: SipAccount | None
    is_over_limit: bool = False  # the plan pays for fewer people: no call reaches this one


def limit_of(plans: Iterable[Plan], live: Iterable[Subscription]) -> int | None:
    """Return how many people are paid for: by the plans, and by what was ordered beside them; None: there is no PBX."""
    included = [plan.pbx_users for plan in plans if plan.pbx_users is not None]
    extra = (each.pieces for each in live if is_extra(each) and each.state is SubscriptionState.ACTIVE)
    return sum(included) + sum(extra) if included else None


def is_extra(subscription: Subscription) -> bool:
    """Return whether this is the service by which more people are paid for."""
    return (subscription.sort, subscription.code) == ("service", EXTRA_USER)


def phone_login(owner_id: int, n: int) -> str:
    """Return the login of the phone of a person: never digits only, so that no caller's number is one."""
    return f"u{owner_id}-{n}"


def browser_login(owner_id: int, random: str) -> str:
    """Return the login of a browser. `random`: 16 hexadecimal digits."""
    return f"w{owner_id}-{random}"


def digest_of(login: str, password: str) -> str:
    """Return what is kept of a password, and what a browser gets in its place. Source: RFC 7616, 3.4.2, MD5."""
    return hashlib.md5(f"{login}:{REALM}:{password}".encode(), usedforsecurity=False).hexdigest()


def extension(text: str) -> str:
    """Return an extension of two to four digits. Raises: WrongExtension, for emergency numbers too."""
    typed = text.strip()
    if not _EXTENSION.fullmatch(typed) or typed in EMERGENCY:
        raise WrongExtension(text=text[:20])
    return typed


def free_extension(taken: Iterable[str]) -> str:
    """Return the first extension from 201 on that nobody has. Raises: ExtensionTaken: there is none."""
    theirs = frozenset(taken)
    for number in range(FIRST_EXTENSION, 10**LONGEST_EXTENSION):
        if str(number) not in theirs:
            return str(number)
    raise ExtensionTaken(extension=str(FIRST_EXTENSION))


def networks(text: str) -> tuple[str, ...]:
    """Return the networks that somebody typed, separated by spaces or commas, as `203.0.113.0/24`; none: any.

    Raises: WrongNetwork, also for more than five, and for one that is all addresses.
    """
    found = []
    for typed in re.split(r"[\s,;]+", text.strip()):
        if not typed:
            continue
        try:
            network = ip_network(typed, strict=False)
        except ValueError:
            raise WrongNetwork(text=typed[:50]) from None
        if not network.prefixlen:
            raise WrongNetwork(text=typed[:50])
        found.append(str(network))
    if len(found) > MOST_NETWORKS:
        raise WrongNetwork(text=found[MOST_NETWORKS])
    return tuple(dict.fromkeys(found))


def until_of(now: datetime, session_end: datetime) -> datetime:
    """Return until when a browser's account may dial: eight hours, or to the end of the log-in."""
    return min(now + BROWSER_LIVES, session_end)
