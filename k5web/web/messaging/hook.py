"""Where the SMS gateway asks: what came in, and what became of what was sent. The answer's text is the reply."""

import hmac
import logging
import secrets
from http import HTTPStatus
from ipaddress import ip_address

from flask import Blueprint, Response, abort, request

from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.sms_parts import OTHER_JOINED
from k5web.errors import K5Error, NotFound, WrongNumber
from k5web.services.accounts import phones, sms_inbox
from k5web.services.accounts.sms_inbox import AlreadyMember, Calling, Message, Nothing, NotMember, Password, Reply, Said
from k5web.services.messaging import delivery
from k5web.web import words
from k5web.web.context import ports, settings
from k5web.web.errors import words as said_of
from k5web.web.language import language, speaking
from k5web.web.messaging import speech
from k5web.web.prices import ussd
from k5web.web.texts import _

logger = logging.getLogger(__name__)

bp = Blueprint("sms", __name__, url_prefix="/hooks/sms")

LONGEST_REPLY = sms_inbox.REPLY_PARTS * OTHER_JOINED  # letters
LONGEST_NAME = 100


@bp.get("/<secret>")
def receive(secret: str) -> Response:
    """Answer one message: `from`, `to`, `text`, `smsc`, `id` and `time`. The same `id` gets the same answer."""
    _only_the_gateway(secret)
    message = Message(
        smsc=request.args.get("smsc", "")[:LONGEST_NAME],
        id=request.args.get("id", "")[:LONGEST_NAME] or secrets.token_urlsafe(12),
        sender=request.args.get("from", ""),
        receiver=request.args.get("to", ""),
        text=request.args.get("text", ""),
    )
    with speaking(_language_of(message.sender)):
        text = _reply_to(message)
    answer = Response(text, content_type="text/plain; charset=UTF-8")
    if text:
        answer.headers["X-Kannel-Coding"] = "2"  # UCS-2: without it the phone shows question marks
    return answer


@bp.get("/<secret>/report")
def report(secret: str) -> Response:
    """Note a delivery report: `ref`, our name of the message, and `status` as Kannel says it."""
    _only_the_gateway(secret)
    status = request.args.get("status", "")
    try:
        if status.isascii() and status.isdigit() and len(status) < 4:
            delivery.note_report(ports(), request.args.get("ref", "")[:LONGEST_NAME], int(status))
    except NotFound:
        logger.warning("a report about no message of ours")
    return Response("", content_type="text/plain; charset=UTF-8")


def _only_the_gateway(secret: str) -> None:
    """Know the gateway by the secret in the address, and by the network it asks from."""
    house = settings().messages
    address = ip_address(request.remote_addr or "127.0.0.1")
    is_known = bool(house.secret) and hmac.compare_digest(secret.encode(), house.secret.encode())
    if not is_known or not any(address in network for network in house.allowed):
        abort(HTTPStatus.NOT_FOUND)


def _language_of(sender: str) -> str | None:
    try:
        return phones.language_of(ports(), Msisdn.parse(sender))
    except WrongNumber:
        return None


def _reply_to(message: Message) -> str:
    """Return the reply; a refusal is said in words, our own trouble makes the gateway ask again."""
    try:
        reply = sms_inbox.handle(ports(), message)
    except K5Error as refusal:
        if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return _kept(message, refusal.code, said_of(refusal))
    match reply:
        case Nothing():
            logger.info("SMS without an answer", extra={"reason": reply.why})
            return ""
        case Said():
            return reply.text
        case Password():
            return _shortened(_told(reply))
        case _:
            return _kept(message, type(reply).__name__.lower(), _told(reply))


def _kept(message: Message, outcome: str, text: str) -> str:
    short = _shortened(text)
    sms_inbox.keep(ports(), message, outcome, short)
    return short


def _shortened(text: str) -> str:
    return ussd.shortened(speech.plain(text), LONGEST_REPLY)


def _told(reply: Reply) -> str:
    match reply:
        case Password():
            return speech.say("password", {"password": reply.text, "is_new": reply.is_new}, language()).text
        case AlreadyMember():
            return _("Вы уже участник K5. Команды: БАЛАНС, ПАРОЛЬ, ЗВОНОК и номер.")
        case NotMember():
            return _("Этот номер не подключён. Чтобы подключиться, пришлите любой другой текст.")
        case Calling():
            quote = reply.call.quote
            return _(
                "Звоним вам и на %(number)s: минута %(price)s, хватит на %(minutes)s мин.",
                number=f"+{quote.b_number}",
                price=words.price(quote.per_minute),
                minutes=reply.call.minutes,
            )
        case Nothing() | Said():
            return ""
        case _:
            return ussd.told(reply)
