"""One search for everything that staff have in hand: a single thing is gone to at once, several are listed by kind."""

from dataclasses import dataclass
from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.books.ledger import SEQ_PER_ACCOUNT, EventName
from k5web.domain.desk.action import Action
from k5web.domain.desk.question import Kind, kinds_for
from k5web.domain.money import Money
from k5web.services.desk import search as services
from k5web.services.desk.search import Found, Hit
from k5web.web.context import ports
from k5web.web.desk.door import bp, current_staff, staff_may
from k5web.web.desk.links import page_of
from k5web.web.desk.payment_words import top_up_word
from k5web.web.texts import _


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list. `url` is empty where the thing has no page of its own."""

    url: str
    reference: str
    note: str
    at: datetime | None
    amount: Money | None


@bp.get("/search")
@staff_may(Action.SEE_DESK)
def search() -> ResponseReturnValue:
    """Find what the text means; lead to the thing where it is the only one."""
    asked, kinds = request.args.get("q", ""), kinds_for(current_staff().roles)
    after, wished = request.args.get("after", ""), request.args.get("kind", "")
    if wished:
        kinds = [kind for kind in kinds if kind == wished]
    answer = services.find(ports(), asked, kinds, after)
    only = None if after else answer.only
    if only is not None and (url := _url(only)):
        return redirect(url, 303)
    lists = [(_title(kind), _rows(found), _further(asked, kind, found)) for kind, found in answer.found.items()]
    return render_template("desk/search.html", asked=asked.strip(), text=answer.question.text, lists=lists)


def _rows(found: Found) -> list[Row]:
    return [Row(_url(hit), _reference(hit), _note(hit), hit.at, hit.amount) for hit in found.hits]


def _further(asked: str, kind: Kind, found: Found) -> str:
    return url_for("desk.search", q=asked, kind=kind.value, after=found.more) if found.more else ""


def _url(hit: Hit) -> str:
    """Return the page of what was found; a document has none at the desk, so its subscriber's."""
    match hit.kind:
        case Kind.PAYMENT if hit.name is not None:
            return _posted(hit, hit.name)
        case Kind.PAYMENT:
            return url_for("desk.top_up", reference=hit.reference)
        case Kind.BANK if hit.name is None:
            return url_for("desk.doubtful_payment", n=hit.n)
        case Kind.UNCREDITED | Kind.BANK if hit.name is not None:
            return url_for("desk.named_payment", origin=hit.name.origin, key=hit.name.key)
        case Kind.CALL:
            return page_of("desk.call", call_id=hit.reference)
        case Kind.CLAIM:
            return page_of("desk.claim", owner_id=hit.owner_id, n=hit.n)
    return page_of("desk.subscriber", owner_id=hit.owner_id)


def _posted(hit: Hit, name: EventName) -> str:
    """Return the page of a posting: of a payment its story; of what is none, a charge, its explanation."""
    seq = int(hit.reference) % SEQ_PER_ACCOUNT
    explained = "" if name.is_outside else page_of("desk.movement", owner_id=hit.owner_id, seq=seq)
    return explained or url_for("desk.payment", owner_id=hit.owner_id, txn_n=hit.reference)


def _title(kind: Kind) -> str:
    return {
        Kind.SUBSCRIBER: _("Абоненты"),
        Kind.PAYMENT: _("Платежи"),
        Kind.UNCREDITED: _("Платежи, которых нет на счетах"),
        Kind.BANK: _("Банковские документы"),
        Kind.CALL: _("Звонки"),
        Kind.ACT: _("Акты"),
        Kind.INVOICE: _("Счета на оплату"),
        Kind.RECEIPT: _("Квитанции"),
        Kind.CLAIM: _("Претензии"),
    }[kind]


def _reference(hit: Hit) -> str:
    match hit.kind:
        case Kind.SUBSCRIBER | Kind.RECEIPT:
            return f"K5-{hit.owner_id}"
        case Kind.ACT | Kind.INVOICE | Kind.BANK:
            return f"№ {hit.reference}"
    return hit.reference


def _note(hit: Hit) -> str:
    """Return what else tells one from another; a phone is masked here, whoever looks."""
    if hit.kind is Kind.SUBSCRIBER:
        return ", ".join(filter(None, (hit.title, hit.phone.masked if hit.phone else "")))
    if hit.kind is Kind.PAYMENT and hit.name is None:
        return top_up_word(hit.title)
    who = f"K5-{hit.owner_id}" if hit.owner_id else _("ничей")
    way = hit.name.origin if hit.name else ""
    return ", ".join(filter(None, ("" if hit.kind is Kind.RECEIPT else who, way, hit.title)))
