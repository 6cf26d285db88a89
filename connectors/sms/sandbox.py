"""A phone and its operator simulated: what is written goes to K5's hook, what K5 sends lies in the inbox.

A phone is switched on where its inbox is looked at: then K5 is told that its messages were delivered.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.messaging.service_numbers import ServiceNumbers
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.domain.prices.number import Msisdn
from k5web.errors import ProviderRefused, ProviderUnknown, WrongNumber
from k5web.outgoing.request import Answer, Remote

CODE: Final = "sms"  # the last part of its address
LONGEST: Final = 1000  # letters of a text
DELIVERED: Final = "1"  # Kannel's word of a report
MOSCOW: Final = ZoneInfo("Europe/Moscow")
K5: Final = Remote("k5", (2.0, 30.0))
NO_HOOK: Final = "K5 не знает этого адреса: K5_SMS_SECRET у страниц другой или не задан"


class Shown(Protocol):
    """A message as it lies on a phone."""

    @property
    def at(self) -> datetime:
        """When it came."""
        ...

    @property
    def text(self) -> str:
        """What it says."""
        ...

    @property
    def parts(self) -> int:
        """In how many parts it came."""
        ...

    @property
    def ref(self) -> str:
        """What K5 calls it; "" of an answer."""
        ...


@dataclass(frozen=True, slots=True)
class Phones:
    """What lies on the simulated phones: the messages of one, newest first, and how an answer comes to lie there."""

    shown: Callable[[str], Sequence[Shown]]
    deliver: Callable[[str, str], None]


def create(
    secret: str, numbers: ServiceNumbers, examples: Sequence[str], phones: Phones, options: SandboxOptions
) -> Flask:
    """Return the simulated phones of a gateway with this secret. They may have any number: so may a gateway."""
    app = Flask(__name__, static_folder=None)
    url, receivers = f"{options.k5_url}/hooks/sms/{secret}", (numbers.short, f"+{numbers.long}")
    reported: set[str] = set()

    def page(typed: dict[str, str], trouble: str = "", status: int = 200) -> ResponseReturnValue:
        phone = _digits(typed["from"])
        facts = {
            "zone": MOSCOW,
            "examples": examples,
            "receivers": receivers,
            "numbers": numbers,
            "k5_url": options.people_url,
        }
        inbox = phones.shown(phone) if phone else []
        _report(url, inbox, reported)
        key = secrets.token_urlsafe(12)
        return render_template("phone.html", typed=typed, trouble=trouble, inbox=inbox, key=key, **facts), status

    @app.get("/")
    def show() -> ResponseReturnValue:
        phone = request.args.get("from", examples[0] if examples else "")[:40]
        return page({"from": phone, "to": numbers.short, "text": ""})

    @app.post("/")
    def write() -> ResponseReturnValue:
        """Send a message; the same form sent again is the same message, as when a gateway repeats itself."""
        typed = {name: request.form.get(name, "").strip()[:LONGEST] for name in ("from", "to", "text")}
        phone = _digits(typed["from"])
        if not phone:
            return page(typed, "Номер телефона не читается: напишите его так: +7 916 123-45-67", 400)
        asked = typed | {"from": phone, "smsc": "sandbox", "id": request.form.get("key", "")[:LONGEST]}
        try:
            answer = K5.request("GET", url, "sms", params=asked)
        except (ProviderRefused, ProviderUnknown) as error:
            return page(typed, f"Сеть не ответила: {error}", 502)
        if trouble := _trouble(answer):
            return page(typed, trouble, 502)
        if text := answer.body.decode():
            phones.deliver(phone, text)
        return redirect(f"{url_for('show')}?{urlencode({'from': typed['from']})}", 303)

    return app


def _report(url: str, inbox: Sequence[Shown], reported: set[str]) -> None:
    """Tell K5 that these messages came; what it cannot hear now it is told at the next look."""
    for ref in {one.ref for one in inbox if one.ref} - reported:
        try:
            if K5.request("GET", f"{url}/report", "sms", params={"ref": ref, "status": DELIVERED}).is_success:
                reported.add(ref)
        except (ProviderRefused, ProviderUnknown):
            return


def _digits(text: str) -> str:
    try:
        return Msisdn.parse(text).digits
    except WrongNumber:
        return ""


def _trouble(answer: Answer) -> str:
    """Return why an answer is none, in words for the phone; "" where it is one."""
    if answer.is_success:
        return ""
    return NO_HOOK if answer.status == 404 else f"K5 ответил {answer.status}: попробуйте ещё раз"
