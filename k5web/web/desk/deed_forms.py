"""Forms of money by hand: which fields each kind has, and how what was typed becomes what it is carried out by."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from k5web.domain.desk.proposal import Wish
from k5web.domain.money import Money
from k5web.domain.reason import checked_reason
from k5web.errors import NotFound, WrongMoney
from k5web.services.accounts import accounts
from k5web.services.desk import by_hand
from k5web.services.ports import Ports
from k5web.web.converters import whole
from k5web.web.texts import _

Typed = Mapping[str, str]
Read = Callable[[Ports, int, Typed], dict[str, Any]]

LONGEST_KEY: Final = 64  # letters of a bank's name of a payment
COUNTERS: Final = ("gift", "loss", "cash.bank")


@dataclass(frozen=True, slots=True)
class DeedForm:
    """What a kind asks for beside subscriber, reason and document."""

    fields: Sequence[str]
    read: Read
    has_owner: bool = True


def labels() -> Mapping[str, str]:
    """Return the words beside each field."""
    return {
        "sum": _("Сумма"),
        "sign": _("Что сделать"),
        "counter": _("За чей счёт"),
        "number": _("Номер операции"),
        "to": _("Кому перенести: телефон или номер абонента"),
        "case": _("Номер дела у банка"),
        "reference": _("Пополнение, вида K5-100001-1"),
        "provider_id": _("Номер у платёжной системы, если известен"),
        "origin": _("Источник реестра, вида net:bank"),
        "key": _("Номер платежа у платёжной системы"),
        "payment": _("Номер платежа"),
        "bank_name": _("Как платёж назван у банка: номер и день; одно название зачисляется один раз"),
        "order": _("Платёжное поручение, по которому ушли деньги"),
    }


def wish_of(ports: Ports, kind: str, typed: Typed) -> Wish:
    """Return what a form asks for. Raises: NotFound, SeveralFit, WrongMoney."""
    form = NotFound.unless(FORMS.get(kind), "such form")
    owner_id = accounts.find_subscriber(ports, typed.get("owner", "")).id if form.has_owner else None
    payload = form.read(ports, owner_id or 0, typed)
    reason, document = typed.get("reason", ""), typed.get("document", "")
    return Wish(kind, typed.get("form_key", ""), payload, reason, document, owner_id)


def new_key() -> str:
    """Return the key of a form that is being opened; it names the event in the ledger."""
    return secrets.token_hex(12)


def _sum(ports: Ports, owner_id: int, typed: Typed) -> dict[str, Any]:
    amount = Money.typed(typed.get("sum", "").strip(), accounts.purse(ports, owner_id).balance.currency)
    if amount.minor <= 0:
        raise WrongMoney(text=typed.get("sum", "")[:40])
    return {"minor": amount.minor, "currency": amount.currency}


def _correction(ports: Ports, owner_id: int, typed: Typed) -> dict[str, Any]:
    facts = _sum(ports, owner_id, typed)
    if typed.get("sign") == "minus":
        facts["minor"] = -facts["minor"]
    return facts | {"counter": typed.get("counter", "")}


def _event(ports: Ports, owner_id: int, typed: Typed) -> dict[str, Any]:
    name = by_hand.event_of(ports, owner_id, _whole(typed, "number"))
    return {"origin": name.origin, "key": name.key}


def _event_and_sum(ports: Ports, owner_id: int, typed: Typed) -> dict[str, Any]:
    return _event(ports, owner_id, typed) | _sum(ports, owner_id, typed)


def _chargeback(ports: Ports, owner_id: int, typed: Typed) -> dict[str, Any]:
    case = NotFound.unless(typed.get("case", "").strip()[:64] or None, "such case")
    return _event_and_sum(ports, owner_id, typed) | {"case": case}


def _move(ports: Ports, owner_id: int, typed: Typed) -> dict[str, Any]:
    return _event(ports, owner_id, typed) | {"to_owner": accounts.find_subscriber(ports, typed.get("to", "")).id}


def _reference(_ports: Ports, _owner_id: int, typed: Typed) -> dict[str, Any]:
    return {"reference": typed.get("reference", "").strip()}


def _reference_and_sum(ports: Ports, owner_id: int, typed: Typed) -> dict[str, Any]:
    return _reference(ports, owner_id, typed) | _sum(ports, owner_id, typed)


def _proof(ports: Ports, owner_id: int, typed: Typed) -> dict[str, Any]:
    return _reference(ports, owner_id, typed) | {"provider_id": typed.get("provider_id", "").strip()[:64]}


def _missing(ports: Ports, owner_id: int, typed: Typed) -> dict[str, Any]:
    key = NotFound.unless(typed.get("key", "").strip()[:64] or None, "such payment")
    return _sum(ports, owner_id, typed) | {"origin": typed.get("origin", "").strip(), "key": key}


def _payment(_ports: Ports, _owner_id: int, typed: Typed) -> dict[str, Any]:
    return {"number": _whole(typed, "payment")}


def _closing(ports: Ports, owner_id: int, typed: Typed) -> dict[str, Any]:
    return _payment(ports, owner_id, typed) | {"counter": typed.get("house", "cash.own")}


def _bank(ports: Ports, owner_id: int, typed: Typed) -> dict[str, Any]:
    key = checked_reason(typed.get("bank_name", ""), LONGEST_KEY)
    return _sum(ports, owner_id, typed) | {"origin": "bank", "key": key}


def _advance(_ports: Ports, _owner_id: int, typed: Typed) -> dict[str, Any]:
    return {"document": checked_reason(typed.get("order", ""))}


def _whole(typed: Typed, field: str) -> int:
    return NotFound.unless(whole(typed.get(field, "").strip()), "such number")


FORMS: Final[Mapping[str, DeedForm]] = {
    "correction": DeedForm(("sign", "sum", "counter"), _correction),
    "write_off": DeedForm(("sum",), _sum),
    "refund": DeedForm(("number", "sum"), _event_and_sum),
    "provider_refund": DeedForm(("reference", "sum"), _reference_and_sum),
    "reversal": DeedForm(("number",), _event),
    "chargeback": DeedForm(("number", "sum", "case"), _chargeback),
    "move": DeedForm(("number", "to"), _move),
    "take_back": DeedForm(("number",), _event),
    "credit_top_up": DeedForm(("reference", "provider_id"), _proof),
    "close_top_up": DeedForm(("reference",), _reference),
    "credit_bank": DeedForm(("bank_name", "sum"), _bank),
    "pay_advance": DeedForm(("order",), _advance),
    "credit_missing": DeedForm(("origin", "key", "sum"), _missing),
    "assign": DeedForm(("payment",), _payment),
    "close_suspense": DeedForm(("payment",), _closing, has_owner=False),
    "reopen_suspense": DeedForm(("payment",), _payment, has_owner=False),
    "credit_doubt": DeedForm(("payment",), _payment, has_owner=False),
    "join_doubt": DeedForm(("payment",), _payment, has_owner=False),
}
