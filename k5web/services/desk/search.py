"""One search for everything: a text, all that it may mean, and what is found, a page of each kind at a time.

Each question is answered by an index; what may be long goes on by key.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import initials
from k5web.domain.bank.payment import ASSIGNED
from k5web.domain.books.ledger import HOUSE, EventName
from k5web.domain.desk.question import Kind, Question, read_question
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.domain.words import words_in
from k5web.services.payments import payers, search
from k5web.services.payments.search import FoundPayment
from k5web.services.ports import Ports, start_of_day
from k5web.storage.accounts import name_rows, personal_rows, subscribers
from k5web.storage.bank import bank_payments, doubt_rows, invoice_rows, receipt_rows
from k5web.storage.bank.bank_payments import KeptPayment
from k5web.storage.bank.doubt_rows import Doubt
from k5web.storage.books import act_rows, claim_rows
from k5web.storage.calls import call_rows
from k5web.storage.desk import search_rows
from k5web.storage.payments import notice_rows, registers
from k5web.storage.session import transactional

PAGE: Final = 25  # things of one kind
YEARS: Final = 5  # of acts, where a number comes without its year
LONGEST_PLACE: Final = 200  # signs of where a list goes on


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found. `reference` is how people call it; `owner_id` HOUSE: nobody's.

    A payment has its `name`, a top-up that no money came for only its reference; a doubt has its number.
    """

    kind: Kind
    owner_id: int
    reference: str
    name: EventName | None = None
    at: datetime | None = None
    amount: Money | None = None
    title: str = ""
    phone: Msisdn | None = None
    n: int = 0  # of the owner's claim, or of a doubt

    @property
    def thing(self) -> tuple[object, ...]:
        """Return what it leads to: the same payment may be found by its posting and by its bank's line."""
        if self.name is not None:
            return self.name.origin, self.name.key.removesuffix(ASSIGNED)
        return self.kind, self.owner_id, self.reference, self.n


@dataclass(frozen=True, slots=True)
class Found:
    """Hits of one kind. `more`: where the list goes on; empty at its end."""

    hits: list[Hit]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a text was taken for, and what was found by kind, in the order of kinds; a kind without hits is left out."""

    question: Question
    found: Mapping[Kind, Found]

    @property
    def only(self) -> Hit | None:
        """Return the hit where there is one alone and nothing more to look through."""
        hits = [hit for each in self.found.values() for hit in each.hits]
        is_all = not any(each.more for each in self.found.values())
        return hits[0] if len(hits) == 1 and is_all else None


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the database is asked. `paid`: the payments that the text names; `after`: where a list goes on."""

    text: Question
    paid: Sequence[FoundPayment]
    after: str
    sum_on: tuple[int, date] | None


@transactional
def find(ports: Ports, typed: str, kinds: Collection[Kind], after: str = "") -> Answer:
    """Return what a text means among these kinds; `after` goes on with the list of the only one of them."""
    question = read_question(typed, ports.today())
    wanted = [kind for kind in _LOOK if kind in kinds and question.asks_for(kind)] if question.text else []
    with ports.sessions.read() as db:
        asked = _asked(db, question, wanted, after)
        found = {kind: _LOOK[kind](ports, db, asked) for kind in wanted}
    return Answer(question, _without_repeats(found))


def _asked(db: Session, question: Question, wanted: Collection[Kind], after: str) -> _Asked:
    sum_on = None if question.minor is None or question.day is None else (question.minor, question.day)
    is_named = sum_on is None and not {Kind.PAYMENT, Kind.UNCREDITED}.isdisjoint(wanted)
    return _Asked(question, search.named(db, question.text) if is_named else (), after[:LONGEST_PLACE], sum_on)


def _without_repeats(found: Mapping[Kind, Found]) -> dict[Kind, Found]:
    """Return what was found, each thing once, under the first kind that has it; kinds without hits are left out."""
    seen: set[tuple[object, ...]] = set()
    answer: dict[Kind, Found] = {}
    for kind, each in found.items():
        hits = list({hit.thing: hit for hit in each.hits if hit.thing not in seen}.values())
        seen.update(hit.thing for hit in hits)
        if hits or each.more:
            answer[kind] = replace(each, hits=hits)
    return answer


def _subscribers(ports: Ports, db: Session, asked: _Asked) -> Found:
    text = asked.text
    if asked.after:
        place = _name_place(asked.after)
        return _named(db, text, place) if place and text.words else Found([])
    owners = [found.id for found, _ in subscribers.find(db, list(text.phones), text.subscriber_id)]
    owners += _of_inn(ports, db, text.inn) if text.inn else []
    exact = Found(_people(db, owners))
    return exact if exact.hits or not text.words else _named(db, text, None)


def _of_inn(ports: Ports, db: Session, inn: str) -> list[int]:
    hashes = [payers.account_hash(key, inn) for key in ports.lookup_keys]
    payable = [payer.owner_id for payer in subscribers.find_payers(db, None, None, hashes)]
    return payable + personal_rows.owners_of_inn(db, inn, PAGE) + invoice_rows.owners_of_inn(db, inn, PAGE)


def _named(db: Session, asked: Question, after: name_rows.Place | None) -> Found:
    owners, place = name_rows.find(db, asked.words, after, PAGE)
    return Found(_people(db, owners), f"{place[0]} {place[1]}" if place else "")


def _name_place(after: str) -> name_rows.Place | None:
    word, _, owner = after.partition(" ")
    return name_rows.Place(word, int(owner)) if words_in(word) == {word} and _is_number(owner) else None


def _people(db: Session, owners: Iterable[int]) -> list[Hit]:
    ids = list(dict.fromkeys(owners))[:PAGE]
    people = subscribers.several(db, ids) if ids else {}
    return [
        Hit(Kind.SUBSCRIBER, person.id, str(person.id), title=initials(person.name), phone=person.phone)
        for person in (people[owner_id] for owner_id in ids if owner_id in people)
    ]


def _payments(ports: Ports, db: Session, asked: _Asked) -> Found:
    if asked.sum_on is None:
        return Found([_paid(one) for one in asked.paid if one.posting or one.top_up])
    minor, day = asked.sum_on
    found = search_rows.payments_of(db, day, minor, _posting_place(asked.after), PAGE + 1)
    hits = [
        Hit(Kind.PAYMENT, one.owner_id, str(one.number), one.name, start_of_day(one.day), one.amount)
        for one in found[:PAGE]
    ]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Found(hits, f"{last.owner_id} {last.account_id} {last.seq}" if last else "")


def _posting_place(after: str) -> search_rows.Place | None:
    place = [int(part) for part in after.split(" ") if _is_number(part)]
    return (place[0], place[1], place[2]) if len(place) == 3 else None


def _paid(one: FoundPayment) -> Hit:
    if one.posting is not None:
        number = str(one.posting.number)
        return Hit(Kind.PAYMENT, one.posting.owner_id, number, one.posting.name, one.recorded_at, one.posting.amount)
    assert one.top_up is not None
    began = one.top_up
    return Hit(
        Kind.PAYMENT, began.owner_id, began.reference, None, began.created_at, began.amount, title=began.state.value
    )


def _uncredited(ports: Ports, db: Session, asked: _Asked) -> Found:
    """Find what a provider spoke of, or has in its register, and nobody has on an account."""
    if asked.sum_on is None:
        names = [EventName(one.origin, one.key) for one in asked.paid if not (one.posting or one.top_up)]
        return Found([Hit(Kind.UNCREDITED, HOUSE, name.key, name) for name in names])
    minor, day = asked.sum_on
    since, until = start_of_day(day), start_of_day(day + timedelta(days=1))
    told = notice_rows.refused(db, minor, since, until, PAGE) + registers.missing(db, minor, since, until, PAGE)
    hits = [Hit(Kind.UNCREDITED, HOUSE, one.name.key, one.name, one.at, one.amount) for one in told if one.name.key]
    return Found(hits[:PAGE])


def _bank(ports: Ports, db: Session, asked: _Asked) -> Found:
    text = asked.text
    if asked.sum_on is not None:
        minor, day = asked.sum_on
        booked, doubts = bank_payments.of_sum(db, day, minor, PAGE), doubt_rows.of_sum(db, day, minor, PAGE)
    else:
        booked, doubts = bank_payments.numbered(db, text.text, PAGE), doubt_rows.of_document(db, text.text, PAGE)
        booked += bank_payments.paid_by(db, text.inn, PAGE) if text.inn else []
    hits = [_bank_line(one) for one in booked if not one.name.key.endswith(ASSIGNED)]
    return Found((hits + [_doubt(one) for one in doubts if one.state != "credited"])[:PAGE])


def _bank_line(one: KeptPayment) -> Hit:
    owner_id = one.assigned_to or one.owner_id
    return Hit(Kind.BANK, owner_id, one.document_no, one.name, start_of_day(one.day), one.amount, one.payer)


def _doubt(one: Doubt) -> Hit:
    at = start_of_day(one.day)
    return Hit(Kind.BANK, HOUSE, one.document_no, None, at, one.amount, one.payer, n=one.number)


def _calls(ports: Ports, db: Session, asked: _Asked) -> Found:
    call = call_rows.find(db, *asked.text.pair) if asked.text.pair else None
    return Found([Hit(Kind.CALL, call.owner_id, call.id, at=call.ordered_at)] if call else [])


def _acts(ports: Ports, db: Session, asked: _Asked) -> Found:
    number, year, this_year = asked.text.number, asked.text.year, ports.today().year
    if number is None:
        return Found([])
    found = act_rows.numbered(db, number, [year] if year else range(this_year, this_year - YEARS, -1))
    return Found(
        [
            Hit(Kind.ACT, act.owner_id, act.label, None, start_of_day(act.day), act.total, title=act.address)
            for act in found
        ]
    )


def _invoices(ports: Ports, db: Session, asked: _Asked) -> Found:
    text = asked.text
    found = invoice_rows.find(db, text.number) if text.number is not None and text.year is None else None
    if found is None:
        return Found([])
    at = start_of_day(found.day)
    return Found([Hit(Kind.INVOICE, found.owner_id, str(found.number), None, at, found.amount, found.buyer.name)])


def _receipts(ports: Ports, db: Session, asked: _Asked) -> Found:
    """Find receipts by the only thing that tells them apart beside the account: the sum and the day."""
    if asked.sum_on is None:
        return Found([])
    minor, day = asked.sum_on
    owners, at = receipt_rows.of_sum(db, day, minor, PAGE), start_of_day(day)
    return Found([Hit(Kind.RECEIPT, owner_id, str(owner_id), None, at, Money(minor)) for owner_id in owners])


def _claims(ports: Ports, db: Session, asked: _Asked) -> Found:
    claim = claim_rows.find(db, *asked.text.pair) if asked.text.pair else None
    if claim is None:
        return Found([])
    reference = f"{claim.owner_id}-{claim.n}"
    return Found([Hit(Kind.CLAIM, claim.owner_id, reference, None, claim.opened_at, claim.disputed, n=claim.n)])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


_LOOK: Final[Mapping[Kind, Callable[[Ports, Session, _Asked], Found]]] = {
    Kind.SUBSCRIBER: _subscribers,
    Kind.PAYMENT: _payments,
    Kind.UNCREDITED: _uncredited,
    Kind.BANK: _bank,
    Kind.CALL: _calls,
    Kind.ACT: _acts,
    Kind.INVOICE: _invoices,
    Kind.RECEIPT: _receipts,
    Kind.CLAIM: _claims,
}
