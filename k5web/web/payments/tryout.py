"""Links to the simulated provider that would pay, or ring, what a page shows, filled in: only where K5 is tried.

What they say is told in `domain.payments.sandbox`. A real house has no such link, whoever asks for its pages.
"""

from typing import Final
from urllib.parse import urlencode

from flask import url_for

from k5web.domain.payments.connector import PaymentConnector
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.web.context import ports, settings

BANK: Final = "bank"  # the simulated bank that pays papers
PHONE: Final = "incoming"  # the simulated phone that rings numbers


def of_account(connector: PaymentConnector, account: str, typed: str) -> str | None:
    """Return where this account is paid to by this way, None where there is none to pay to."""
    if not account:
        return None
    return _address(connector.code, partner=connector.partner.code, account=account, sum=typed.replace(",", "."))


def of_order(top_up: TopUp) -> str | None:
    """Return where the payment that was begun here is paid, None where the provider waits for none."""
    connector = ports().connectors.of(top_up.origin)
    if connector is None or top_up.state is not TopUpState.WAITING:
        return None
    back = _ours(url_for("topups.show", reference=top_up.reference))
    return _address(connector.code, partner=connector.partner.code, order=top_up.number, back=back)


def of_app(top_up: TopUp) -> str:
    """Return the address that opens the payer's bank's app, empty where there is none; no app knows a simulated one."""
    return (of_order(top_up) or top_up.qr) if top_up.qr.startswith("https://") else ""


def of_paper(code: bytes, back: str, payer: str = "", inn: str = "") -> str | None:
    """Return where the simulated bank pays a paper by its payment's code; `back` is our own path."""
    return _address(BANK, st=code.decode(), payer=payer, inn=inn, back=_ours(back))


def of_number(digits: str) -> str | None:
    """Return the simulated phone that rings this number; None where numbers are rung in earnest."""
    is_played = settings().tryout_url and settings().switches[0].kind == "simulator"
    return f"{settings().tryout_url}/{PHONE}/?{urlencode({'to': f'+{digits}'})}" if is_played else None


def _ours(path: str) -> str:
    return settings().public_url + path


def _address(provider: str, **facts: str) -> str | None:
    """Return where the simulated provider takes these facts; what is empty is left out. None: K5 is not tried."""
    url, told = settings().tryout_url, {name: fact for name, fact in facts.items() if fact}
    return f"{url}/{provider}/try?{urlencode(told)}" if url else None
