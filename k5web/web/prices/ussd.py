"""Where the USSD gateway asks: a phone and a code come, one text of at most 182 letters goes back."""

import hmac
import secrets

from flask import Blueprint, Response, abort, current_app, request

from k5web.domain.prices.number import Msisdn
from k5web.errors import K5Error, NotFound, WrongNumber
from k5web.services.accounts import phones
from k5web.services.prices import ussd
from k5web.services.prices.ussd import Balance, Connected, Ended, Remainders, Reply
from k5web.web import words
from k5web.web.context import ports
from k5web.web.errors import words as said_of
from k5web.web.forms import LONGEST_KEY
from k5web.web.language import speaking
from k5web.web.prices import plan_words
from k5web.web.texts import _, listed

bp = Blueprint("ussd", __name__, url_prefix="/hooks/ussd")

LONGEST_ANSWER = 182  # letters; 3GPP TS 23.038: 160 octets of 7-bit letters
SETTING = "K5_USSD_SECRET"


@bp.post("/<secret>")
def ask(secret: str) -> Response:
    """Answer one code: `msisdn`, `text` and, where the gateway has one, `session`, by which a repeat is known."""
    wanted = current_app.config[SETTING]
    if not wanted or not hmac.compare_digest(secret.encode(), wanted.encode()):
        abort(404)
    session = request.form.get("session", "")[:LONGEST_KEY] or secrets.token_urlsafe(12)
    try:
        phone = Msisdn.e164(request.form.get("msisdn", ""))
    except WrongNumber:
        text = _("Этот номер не подключён.")
    else:
        with speaking(phones.language_of(ports(), phone)):
            text = _answer(phone, request.form.get("text", "").strip()[:40], session)
    return Response(shortened(text), content_type="text/plain; charset=utf-8")


def _answer(phone: Msisdn, code: str, session: str) -> str:
    try:
        return told(ussd.answer(ports(), phone, code, session))
    except NotFound:
        return _("Этот номер не подключён.")
    except K5Error as refusal:
        if refusal.status >= 500:
            raise
        return said_of(refusal)


def shortened(text: str, longest: int = LONGEST_ANSWER) -> str:
    """Return a text that fits one answer, cut between words."""
    if len(text) <= longest:
        return text
    return text[: longest - 1].rpartition(" ")[0] + "…"


def told(reply: Reply) -> str:
    """Return the answer to a code in words."""
    match reply:
        case Balance():
            return _("На счёте %(sum)s.", sum=words.money(reply.available))
        case Remainders():
            left = [f"{listed(each.title)}: {plan_words.left_of(each)}" for each in reply.allowances]
            return "; ".join(left) or _("Пакетов нет.")
        case Connected():
            fees = ", ".join(map(plan_words.fee, reply.fees))
            then = " " + _("Дальше %(fee)s.", fee=fees) if fees else ""
            return (
                _("%(title)s: подключено, списано %(sum)s.", title=listed(reply.title), sum=words.money(reply.taken))
                + then
            )
        case Ended() if reply.titles:
            return _(
                "%(titles)s: отключено, работает до конца оплаченного.", titles=", ".join(map(listed, reply.titles))
            )
        case Ended():
            return _("Это у вас не подключено.")
        case _:
            return _("Такой команды нет. Баланс: *100#, остатки: *100*1#.")
