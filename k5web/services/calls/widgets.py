"""Buttons «Звонок с сайта»: made and changed by their owner, pressed by visitors, paid within the owner's limits."""

import base64
import hashlib
import logging
import secrets
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from k5web.domain.accounts.device import SELECTOR_BYTES
from k5web.domain.accounts.label import label
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.address import coarse
from k5web.domain.calls.call import CallOrder
from k5web.domain.calls.risk import Risk
from k5web.domain.calls.widget import FROM_ADDRESS, MOST_A_DAY, MOST_WIDGETS, TO_NUMBER, Widget, is_code, sites
from k5web.domain.money import Price
from k5web.domain.prices.number import Msisdn
from k5web.errors import K5Error, NotForVisitors, NotFound, TooMany, TooManyCalls, WidgetSpent, WrongCount
from k5web.services.calls import ordering
from k5web.services.ports import Ports
from k5web.storage import throttles
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger
from k5web.storage.calls import call_rows, widget_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TypedWidget:
    """The settings of a button, as its owner typed them."""

    label: str
    sites: str
    dearest: str
    calls_a_day: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a visitor sent. `key` names the form, `address` is what trusted proxies say."""

    number: str
    key: str
    address: str | None


@transactional
def of_owner(ports: Ports, owner_id: int) -> list[Widget]:
    """Return the owner's buttons, oldest first."""
    with ports.sessions.read() as db:
        return widget_rows.of_owner(db, owner_id)


@transactional
def make(ports: Ports, owner: Subscriber, typed: TypedWidget, form_key: str = "") -> Widget:
    """Make a button, switched on; the same form makes no second one.

    Raises: TooMany, WrongName, WrongSite, WrongPrice, WrongCount.
    """
    fresh = Widget(
        code=_code(owner.id, form_key or secrets.token_urlsafe(SELECTOR_BYTES)),
        owner_id=owner.id,
        label="",
        sites=(),
        dearest=Price(0, owner.currency),
        calls_a_day=1,
        is_on=True,
        created_at=ports.clock(),
        day=ports.today(),
        today=0,
    )
    widget = _as_typed(fresh, typed)
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner.id)  # two forms at once must not pass the limit together
        if (made := widget_rows.find(db, widget.code)) is not None:
            return made
        if len(widget_rows.of_owner(db, owner.id)) >= MOST_WIDGETS:
            raise TooMany(limit=MOST_WIDGETS)
        widget_rows.save(db, widget)
    return widget


def _code(owner_id: int, form_key: str) -> str:
    """Return the code of the button that a form makes. It cannot be guessed without the form."""
    digest = hashlib.sha256(f"widget {owner_id} {form_key}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:SELECTOR_BYTES]).decode().rstrip("=")


@transactional
def change(ports: Ports, owner_id: int, code: str, typed: TypedWidget) -> None:
    """Change one of the owner's buttons. Raises: NotFound, WrongName, WrongSite, WrongPrice, WrongCount."""
    with ports.sessions.begin() as db:
        widget = widget_rows.lock(db, code)
        if widget is None or widget.owner_id != owner_id:
            raise NotFound(what="button")
        widget_rows.save(db, _as_typed(widget, typed))


@transactional
def switch(ports: Ports, owner_id: int, code: str, is_on: bool) -> None:
    """Switch one of the owner's buttons on or off. Raises: NotFound."""
    with ports.sessions.begin() as db:
        widget = widget_rows.lock(db, code)
        if widget is None or widget.owner_id != owner_id:
            raise NotFound(what="button")
        widget_rows.save(db, replace(widget, is_on=is_on))


@transactional
def remove(ports: Ports, owner_id: int, code: str) -> None:
    """Delete one of the owner's buttons. Raises: NotFound."""
    with ports.sessions.begin() as db:
        if not widget_rows.remove(db, owner_id, code):
            raise NotFound(what="button")


@transactional
def show(ports: Ports, code: str) -> Widget:
    """Return the button visitors see.

    Raises: NotFound, also where it is off; SubscriberBlocked, ServicesSuspended (its owner).
    """
    if not is_code(code):
        raise NotFound(what="button")
    with ports.sessions.read() as db:
        widget = widget_rows.find(db, code)
        if widget is None or not widget.is_on:
            raise NotFound(what="button")
        subscribers.serve(db, widget.owner_id)
    return widget


def press(ports: Ports, code: str, visitor: Visitor) -> CallOrder:
    """Order the call a visitor asks for: the owner's phone rings first, then the visitor's; the owner pays.

    The same form with the same number gets the same call again, and so does a number that this button is calling now.
    Visitors must not learn whom else the owner talks to.
    Raises: NotFound, SubscriberBlocked, ServicesSuspended, WrongNumber, NotForVisitors, TooOften, WidgetSpent; what
    refuses an order.
    """
    widget = show(ports, code)
    owner = _owner(ports, widget)
    number = Msisdn.parse(visitor.number, owner.home)
    form = f"widget:{code}:{number.digits}:"
    form_key = form + visitor.key
    call = ordering.ordered(ports, owner.id, form_key) or _being_called(ports, owner.id, form)
    if call is not None:
        return call
    _check_price(ports, owner, number, widget)
    try:
        return ordering.order_call(
            ports, owner, number, form_key, widget.dearest, count=lambda db: _count(db, ports, code, number, visitor)
        )
    except K5Error as refusal:
        if isinstance(refusal, TooManyCalls) and (call := _being_called(ports, owner.id, form)):
            return call  # another tap of this visitor was faster
        logger.info("a visitor was refused", extra={"owner_id": owner.id, "widget": code, "code": refusal.code})
        raise


def _check_price(ports: Ports, owner: Subscriber, number: Msisdn, widget: Widget) -> None:
    """Refuse all but ordinary directions within the owner's price; never say which it was."""
    try:
        quote, risk = ordering.appraise(ports, owner, number)
    except K5Error as refusal:
        if refusal.status >= 500:
            raise
        raise NotForVisitors from refusal
    if risk is not Risk.ORDINARY or not quote.is_agreed(widget.dearest):
        raise NotForVisitors


def _count(db: Session, ports: Ports, code: str, number: Msisdn, visitor: Visitor) -> None:
    """Count the call in the order's transaction: ten visitors are ten. Raises: NotFound, WidgetSpent, TooOften."""
    now, day = ports.clock(), ports.today()
    widget = widget_rows.lock(db, code)
    if widget is None or not widget.is_on:  # switched off since it was shown
        raise NotFound(what="button")
    if widget.ordered_on(day) >= widget.calls_a_day:
        raise WidgetSpent
    throttles.book(db, "widget_address", f"{code} {coarse(visitor.address)}", FROM_ADDRESS, now)
    throttles.book(db, "widget_number", number.digits, TO_NUMBER, now)
    widget_rows.save(db, widget.one_more(day))


@transactional
def _owner(ports: Ports, widget: Widget) -> Subscriber:
    with ports.sessions.read() as db:
        return subscribers.get(db, widget.owner_id)


@transactional
def _being_called(ports: Ports, owner_id: int, form: str) -> CallOrder | None:
    with ports.sessions.read() as db:
        return call_rows.live_by_form(db, owner_id, form)


def _as_typed(widget: Widget, typed: TypedWidget) -> Widget:
    count = typed.calls_a_day.strip()
    if not (count.isascii() and count.isdigit() and len(count) <= 4 and 1 <= int(count) <= MOST_A_DAY):
        raise WrongCount(most=MOST_A_DAY)
    return replace(
        widget,
        label=label(typed.label),
        sites=sites(typed.sites),
        dearest=Price.parse(typed.dearest, widget.dearest.currency),
        calls_a_day=int(count),
    )
