"""Money by hand: what each kind of deed does, in the caller's transaction, by the rules of its own wing.

A deed is done by `do`. What it will do is shown by doing it and taking that back, so what is shown and what is done
cannot differ; only where a provider is asked afterwards the end is shown by `show`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName, Posted, Posting
from k5web.domain.desk.proposal import Proposal
from k5web.domain.money import Money
from k5web.errors import CurrencyMismatch, NotFound, WrongDeed, WrongMoney
from k5web.services.accounts import advances
from k5web.services.bank import closing, doubtful_payments, statement_import, suspense, wrong_assignments
from k5web.services.books import adjustments, claims, corrections
from k5web.services.books.crediting import Credit, house_account
from k5web.services.payments import booking, refunds, register_days, topups, unclear
from k5web.services.payments.topups import credit_payment
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.payments import top_up_rows

Act = Callable[[Ports, Session, Proposal], tuple[Posting, ...]]


@dataclass(frozen=True, slots=True)
class Deed:
    """One kind of money by hand. `do` returns what it posted; `after` asks others, once it is committed."""

    do: Act
    show: Act | None = None
    after: Callable[[Ports, Proposal], None] | None = None


def _new(posted: Posted) -> tuple[Posting, ...]:
    """Return what an event posted. Raises: WrongDeed where it was posted before."""
    if not posted.is_new:
        raise WrongDeed(why="done_before")
    return posted.postings


def _any(moved: tuple[Posting, ...]) -> tuple[Posting, ...]:
    """Return what was moved. Raises: WrongDeed where it was done before."""
    if not moved:
        raise WrongDeed(why="done_before")
    return moved


def _owner(deed: Proposal) -> int:
    return NotFound.unless(deed.wish.owner_id, "such subscriber")


def _amount(deed: Proposal) -> Money:
    return Money(deed.wish.payload["minor"], deed.wish.payload["currency"])


def _name(deed: Proposal) -> EventName:
    return EventName(deed.wish.payload["origin"], deed.wish.payload["key"])


def _by(deed: Proposal) -> str:
    return deed.decided_by or deed.proposed_by


def _correct(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    counter = deed.wish.payload["counter"]
    form_key = deed.wish.form_key
    return _new(adjustments.adjust(ports, db, _owner(deed), _amount(deed), counter, form_key, _by(deed)))


def _write_off(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    return _new(adjustments.write_off(ports, db, _owner(deed), _amount(deed), deed.wish.form_key, _by(deed)))


def _reverse(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    """Reverse an event; of a transfer both sides, whichever is named. A top-up that it paid counts as gone back."""
    owner_id, name = _owner(deed), _name(deed)
    moved = _new(corrections.reverse_all_in(ports, db, owner_id, name, _by(deed)))
    booking.note_cancel(ports, db, owner_id, name)
    return moved


def _refund(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    amount, form_key = _amount(deed), deed.wish.form_key
    return _new(corrections.refund_in(ports, db, _owner(deed), _name(deed), amount, form_key, _by(deed)))


def _charge_back(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    amount, case = _amount(deed), deed.wish.payload["case"]
    now = ports.clock()
    return _new(corrections.chargeback_in(ports, db, _owner(deed), _name(deed), amount, case, _by(deed), now))


def _keep_for_refund(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    """Keep the money aside: the provider is asked when this is committed."""
    refunds.keep_aside(ports, db, top_up_rows.find(db, deed.wish.payload["reference"]), _amount(deed))
    return ()


def _show_refund(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    """Book what the provider's consent would book."""
    amount = _amount(deed)
    kept = refunds.keep_aside(ports, db, top_up_rows.find(db, deed.wish.payload["reference"]), amount)
    connector = NotFound.unless(ports.connectors.of(kept.origin), f"partner '{kept.origin}'")
    told = (kept.refunded or Money(0, amount.currency)) + amount
    booking.book_refund(ports, db, connector, kept, told)
    name = EventName("refund", booking.refund_key_of(kept, told))
    return NotFound.unless(ledger.find_event(db, kept.owner_id, name), f"event {name}").postings


def _send_refund(ports: Ports, deed: Proposal) -> None:
    refunds.send(ports, topups.find(ports, deed.wish.payload["reference"]), _by(deed))


def _assign(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    return _any(suspense.assign_in(ports, db, deed.wish.payload["number"], _owner(deed), _by(deed)))


def _take_back(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    return wrong_assignments.take_back(ports, db, _owner(deed), _name(deed), deed.wish.form_key, _by(deed))


def _move(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    to_owner = deed.wish.payload["to_owner"]
    return wrong_assignments.move(ports, db, _owner(deed), _name(deed), to_owner, deed.wish.form_key, _by(deed))


def _close_suspense(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    payload = deed.wish.payload
    done = closing.close_waiting(ports, db, payload["number"], deed.wish.reason, _by(deed), payload["counter"])
    if not done.is_new:
        raise WrongDeed(why="done_before")
    return _house(db, EventName("close", done.closing.event))


def _reopen_suspense(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    done = closing.reopen_in(ports, db, deed.wish.payload["number"], _by(deed))
    if not done.is_new:
        raise WrongDeed(why="done_before")
    return _house(db, EventName("reversal", f"close {done.closing.event}"))


def _house(db: Session, name: EventName) -> tuple[Posting, ...]:
    return NotFound.unless(ledger.find_event(db, 0, name), f"event {name}").postings


def _credit_doubt(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    taken = doubtful_payments.credit_in(ports, db, deed.wish.payload["number"], _by(deed))
    if taken is None:
        raise WrongDeed(why="done_before")
    return (NotFound.unless(ledger.find_by_number(db, taken.number), f"payment {taken.number}"),)


def _join_doubt(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    doubtful_payments.join_in(ports, db, deed.wish.payload["number"], _by(deed))
    return ()


def _credit_top_up(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    payload = deed.wish.payload
    return unclear.credit_by_proof(ports, db, top_up_rows.find(db, payload["reference"]), payload["provider_id"])


def _close_top_up(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    unclear.close(ports, db, top_up_rows.find(db, deed.wish.payload["reference"]))
    return ()


def _credit(ports: Ports, db: Session, deed: Proposal, counter: str) -> tuple[Posting, ...]:
    if _amount(deed).minor <= 0:
        raise WrongMoney(text=str(_amount(deed)))
    name, now = _name(deed), ports.clock()
    return _new(credit_payment(ports, db, Credit(_owner(deed), None, name, _amount(deed), counter, _by(deed), now)))


def _credit_bank(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    """Credit what came to the bank account and stands in no statement that K5 reads."""
    return _credit(ports, db, deed, statement_import.CASH)


def _credit_missing(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    """Credit what only the provider's register has, under its own name: a late notice finds it there.

    Where the day of the register is known, it is written down that this difference is resolved.
    """
    connector = NotFound.unless(ports.connectors.of(_name(deed).origin), f"partner '{_name(deed).origin}'")
    if _amount(deed).currency != connector.partner.currency:
        raise CurrencyMismatch(left=_amount(deed).currency, right=connector.partner.currency)
    moved = _credit(ports, db, deed, house_account(connector))
    if day := _day(deed):
        register_days.note_credited(ports, db, _name(deed), day, _amount(deed), deed.wish.reason, _by(deed))
    return moved


def _count_day(ports: Ports, deed: Proposal) -> None:
    """Count the register's day anew, so that it agrees at once."""
    if day := _day(deed):
        register_days.count(ports, _name(deed).origin, day)


def _day(deed: Proposal) -> date | None:
    day = deed.wish.payload.get("day")
    return date.fromisoformat(day) if day else None


def _uphold_claim(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    payload = deed.wish.payload
    given = None if payload["minor"] is None else _amount(deed)
    answer, to_bank = payload["answer"], payload["to_bank"]
    _claim, moved = claims.uphold_in(
        ports, db, _owner(deed), payload["n"], given, to_bank=to_bank, answer=answer, actor=_by(deed)
    )
    return _any(moved)


def _pay_claim(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    payload = deed.wish.payload
    return _any(claims.pay_in(ports, db, _owner(deed), payload["n"], payload["document"], _by(deed))[1])


def _pay_advance(ports: Ports, db: Session, deed: Proposal) -> tuple[Posting, ...]:
    return _any(advances.pay_in(ports, db, _owner(deed), deed.wish.payload["document"], _by(deed))[1])


DEEDS: Mapping[str, Deed] = {
    "correction": Deed(_correct),
    "write_off": Deed(_write_off),
    "reversal": Deed(_reverse),
    "refund": Deed(_refund),
    "chargeback": Deed(_charge_back),
    "provider_refund": Deed(_keep_for_refund, _show_refund, _send_refund),
    "assign": Deed(_assign),
    "take_back": Deed(_take_back),
    "move": Deed(_move),
    "close_suspense": Deed(_close_suspense),
    "reopen_suspense": Deed(_reopen_suspense),
    "credit_doubt": Deed(_credit_doubt),
    "join_doubt": Deed(_join_doubt),
    "credit_top_up": Deed(_credit_top_up),
    "close_top_up": Deed(_close_top_up),
    "credit_bank": Deed(_credit_bank),
    "credit_missing": Deed(_credit_missing, after=_count_day),
    "uphold_claim": Deed(_uphold_claim),
    "pay_claim": Deed(_pay_claim),
    "pay_advance": Deed(_pay_advance),
}
