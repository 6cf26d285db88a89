"""At-once mode: whether a page may count down and press its own button (docs/pages.md). Off unless switched on here."""

import hashlib

from flask import request

from k5web.domain.accounts.device import AT_ONCE_WITHIN
from k5web.domain.accounts.subscriber import Device, Subscriber
from k5web.domain.calls.call import Offer
from k5web.domain.money import MICRO_PER_MINOR
from k5web.services.calls import ordering
from k5web.web.context import current_device, ports
from k5web.web.forms import CallForm


def ticket(form: CallForm, caller: Subscriber, offer: Offer) -> str | None:
    """Return the countdown's form key, or None for the ordinary page, without comment."""
    device = current_device()
    if not _is_on(device) or not _is_own_wish():
        return None
    if offer.minutes == 0 or offer.live_call or not _may_ring(caller, form):
        return None
    return form.ticket(_mark(device)).form_key


def may_spend(form: CallForm, caller: Subscriber) -> bool:
    """Return whether a ticket that came back may ring now: every condition is looked at again."""
    device = current_device()
    return _is_on(device) and form.is_ripe(ports().clock(), _mark(device)) and _may_ring(caller, form)


def _mark(device: Device) -> str:
    """Return what names the device inside a ticket: its selector is half of the cookie and stays out of pages."""
    return hashlib.sha256(device.selector.encode()).hexdigest()[:16]


def _is_on(device: Device) -> bool:
    return device.at_once and device.is_own and ports().clock() - device.last_used_at <= AT_ONCE_WITHIN


def _may_ring(caller: Subscriber, form: CallForm) -> bool:
    minute, limit = form.seen.first_minute, caller.at_once_limit
    cheap = minute.minor * MICRO_PER_MINOR < limit.micro and minute.currency == limit.currency
    return cheap and ordering.may_call_at_once(ports(), caller.id, form.number)


def _is_own_wish() -> bool:
    """Return whether no other site led here. A phone's address book sends `none`; old browsers send nothing at all."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is None:
        return "Referer" not in request.headers
    return site in {"none", "same-origin"} and request.headers.get("Sec-Fetch-Dest") == "document"
