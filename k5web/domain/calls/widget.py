"""«Звонок с сайта»: a button on a subscriber's own site. Who visits it leaves a number; the subscriber pays."""

import contextlib
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from k5web.domain.money import Price
from k5web.domain.throttle import Throttle
from k5web.errors import TooMany, WrongSite

MOST_WIDGETS = 10  # of one subscriber
MOST_SITES = 10  # of one button
MOST_A_DAY = 1000
LONGEST_HOST = 253  # characters; RFC 1035, 2.3.4

FROM_ADDRESS = Throttle(every=timedelta(minutes=10), at_once=3)  # one button, one network of visitors
TO_NUMBER = Throttle(every=timedelta(minutes=10), at_once=2)  # one visitor's number, all buttons together

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9_-]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Widget:
    """A button as its owner made it. `today` counts the calls of `day`, the operator's calendar."""

    code: str
    owner_id: int
    label: str
    sites: tuple[str, ...]  # origins that may show it; none: it is reached by its link alone
    dearest: Price  # of a minute, both legs; the owner pays no more
    calls_a_day: int
    is_on: bool
    created_at: datetime
    day: date
    today: int

    @property
    def sites_as_read(self) -> tuple[str, ...]:
        """Its sites in letters: browsers write https://xn--80aswg.xn--p1ai, people https://сайт.рф."""
        return tuple(_as_read(site) for site in self.sites)

    def ordered_on(self, day: date) -> int:
        """Return how many calls were ordered by it on this day."""
        return self.today if day == self.day else 0

    def one_more(self, day: date) -> "Widget":
        """Return it with one call more."""
        return replace(self, day=day, today=self.ordered_on(day) + 1)


def is_code(text: str) -> bool:
    """Return whether a button of ours may have this code."""
    return _CODE.fullmatch(text) is not None


def sites(text: str) -> tuple[str, ...]:
    """Return the origins of sites written one a line, as browsers write them. Raises: WrongSite, TooMany."""
    found = tuple(dict.fromkeys(_origin(word) for word in text.replace(",", " ").split()))
    if len(found) > MOST_SITES:
        raise TooMany(limit=MOST_SITES)
    return found


def _origin(text: str) -> str:
    """Return scheme, host and port; a bare name is meant with https. What stands after the host does not matter."""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except ValueError as error:  # a port that is none, a name that cannot be
        raise WrongSite(site=text[:60]) from error
    is_host = len(host) <= LONGEST_HOST and _HOST.fullmatch(host)
    if parts.scheme not in {"http", "https"} or not is_host or parts.username is not None:
        raise WrongSite(site=text[:60])
    is_usual = port is None or port == {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" if is_usual else f"{parts.scheme}://{host}:{port}"


def _as_read(origin: str) -> str:
    scheme, _, place = origin.partition("://")
    host, colon, port = place.partition(":")
    with contextlib.suppress(UnicodeError):  # what stands for no letters stays as it is
        host = host.encode().decode("idna")
    return f"{scheme}://{host}{colon}{port}"
