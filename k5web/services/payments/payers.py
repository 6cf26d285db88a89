"""Whose account a payer means: what people type into terminals and wallets becomes a subscriber."""

import hashlib
import hmac
import re

from sqlalchemy.orm import Session

from k5web.domain.accounts import tax_numbers
from k5web.domain.accounts.subscriber import IDS_BELOW
from k5web.domain.bank.payment import Unmatched
from k5web.domain.bank.purpose import Purpose
from k5web.domain.money import Money
from k5web.domain.payments.notice import Refusal
from k5web.domain.payments.partner import Partner
from k5web.domain.prices.number import HOMES, Msisdn, extension_of, the_reading
from k5web.errors import AlreadyThere, WrongInn, WrongRequisite
from k5web.services.ports import Ports
from k5web.storage.accounts import subscribers
from k5web.storage.accounts.subscribers import PayableAccount
from k5web.storage.bank import invoice_rows
from k5web.storage.session import transactional

_ID = re.compile(r"(?:K5-)?([1-9][0-9]{0,9})", re.ASCII | re.IGNORECASE)
_RUSSIAN_INN = re.compile(r"[0-9]{10}|[0-9]{12}", re.ASCII)  # what statements of banks say


def lookup_key(secret: str) -> bytes:
    """Return the key of the lookup hashes that this secret key gives."""
    return hmac.digest(secret.encode(), b"accounts of payers", hashlib.sha256)


def account_hash(key: bytes, account: str) -> bytes:
    """Return by what an account that was typed is known again without being kept."""
    return hmac.digest(key, account.encode("utf-8", "replace"), hashlib.sha256)


def find_payer(
    ports: Ports, db: Session, partner: Partner, account: str, account_type: str = ""
) -> PayableAccount | Refusal:
    """Return whom this account means to this partner's payers, or why nobody.

    Nobody can be asked who is meant, so digits that are one subscriber's phone and another's id are no account. As many
    digits as a number at home has are a phone (promise A11): where it is nobody's, the owner of such an id is not paid.
    """
    types = [name for name in partner.account_types if account_type in {"", name}]
    text = account.strip()
    phone = _phone(text, HOMES[partner.currency]) if "phone" in types else None
    as_id = _ID.fullmatch(text) if "id" in types else None
    subscriber_id = int(as_id[1]) if as_id and int(as_id[1]) < IDS_BELOW else None
    is_inn = "inn" in types and tax_numbers.is_kyrgyz_inn(text)
    hashes = [account_hash(key, text) for key in ports.lookup_keys] if is_inn else []
    if phone is None and subscriber_id is None and not hashes:
        return Refusal.ACCOUNT_FORMAT
    found = subscribers.find_payers(db, phone, subscriber_id, hashes)
    if len(found) > 1:
        return Refusal.ACCOUNT_FORMAT
    if phone is not None and found and found[0].owner_id == subscriber_id and _is_home_form(text, phone):
        found = subscribers.find_payers(db, phone, None, [])
    return found[0] if found else Refusal.ACCOUNT_UNKNOWN


def find_payable(
    ports: Ports, db: Session, partner: Partner, account: str, account_type: str, amount: Money | None
) -> PayableAccount | Refusal:
    """Return the account that this partner may pay now, this sum where one is known, or why not."""
    payer = find_payer(ports, db, partner, account, account_type)
    return judge(partner, payer, amount)


def judge(partner: Partner, payer: PayableAccount | Refusal, amount: Money | None) -> PayableAccount | Refusal:
    """Return whom an account means where this partner may pay to it now, this sum where one is known, or why not."""
    if not partner.is_open:
        return Refusal.CLOSED
    if amount is not None and amount.currency != partner.currency:
        return Refusal.WRONG_CURRENCY
    if isinstance(payer, Refusal):
        return payer
    if not payer.is_active:
        return Refusal.ACCOUNT_INACTIVE
    if payer.currency != partner.currency:
        return Refusal.WRONG_CURRENCY
    if amount is not None and (amount.minor <= 0 or amount < partner.minimum):
        return Refusal.SUM_TOO_SMALL
    if amount is not None and partner.maximum < amount:
        return Refusal.SUM_TOO_LARGE
    return payer


def find_bank_payer(ports: Ports, db: Session, purpose: Purpose, inn: str, amount: Money) -> PayableAccount | Unmatched:
    """Return whom a payment to the bank is for: by account code or contract, else by its invoice, else by tax number.

    What is written down is believed before who pays: a director pays for the company from an account of their own.
    """
    if len(purpose.subscriber_ids) > 1 or purpose.is_unclear:
        return Unmatched.SEVERAL
    hashes = [account_hash(key, inn) for key in ports.lookup_keys] if _RUSSIAN_INN.fullmatch(inn) else []
    if purpose.subscriber_ids:
        found = subscribers.find_payers(db, None, purpose.subscriber_ids[0], [])
    else:
        found = _by_invoice(db, purpose, inn, amount)
        found = found or (subscribers.find_payers(db, None, None, hashes) if hashes else [])
    if not found:
        return Unmatched.UNKNOWN if purpose.subscriber_ids else Unmatched.NOBODY
    if len(found) > 1:
        return Unmatched.SEVERAL
    payer = found[0]
    if not payer.is_active:
        return Unmatched.INACTIVE
    return payer if payer.currency == amount.currency else Unmatched.CURRENCY


def _by_invoice(db: Session, purpose: Purpose, inn: str, amount: Money) -> list[PayableAccount]:
    """Return whose invoice this is; others number theirs from one too: the payer or the sum must fit, and the day."""
    invoice = invoice_rows.find(db, purpose.invoice) if purpose.invoice is not None else None
    if invoice is None or not (invoice.buyer.inn == inn or invoice.amount == amount):
        return []
    if purpose.invoice_day not in {None, invoice.day}:
        return []
    return subscribers.find_payers(db, None, invoice.owner_id, [])


@transactional
def set_inn(ports: Ports, subscriber_id: int, inn: str) -> None:
    """Let a company be paid for by its tax number, of which a keyed hash is kept. Raises: WrongInn, AlreadyThere."""
    if not tax_numbers.is_kyrgyz_inn(inn):
        try:
            tax_numbers.check_inn(inn)
        except WrongRequisite:
            raise WrongInn() from None  # the number itself stays out of words and logs
    hashes = [
        account_hash(key, inn) for key in ports.lookup_keys
    ]  # the database sees two of one key as equal, no others
    with ports.sessions.begin() as db:
        if any(payer.owner_id != subscriber_id for payer in subscribers.find_payers(db, None, None, hashes)):
            raise AlreadyThere(what="this tax number")
        subscribers.set_inn(db, subscriber_id, hashes[0])


def _is_home_form(text: str, phone: Msisdn) -> bool:
    """Return whether these are the digits of the number without its country's code, and nothing else."""
    return text.isdigit() and text != phone.digits and phone.digits.endswith(text)


def _phone(text: str, home: str) -> Msisdn | None:
    """Return the number this is; a provider passes on plain digits, or it is no account."""
    return the_reading(text, home) if text.isascii() and not extension_of(text) else None
