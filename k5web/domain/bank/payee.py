"""Who is paid at a bank: the operator's requisites. One that cannot be true, or does not fit a code, is not made."""

import re
from dataclasses import dataclass
from typing import Final

from k5web.domain.accounts import tax_numbers
from k5web.domain.bank import qr_text, requisites
from k5web.errors import NotPrintable, WrongRequisite

LONGEST_NAME, LONGEST_BANK = 160, 45
LONGEST_PARTICULAR: Final = 200
ACCOUNT_STANDS_IN: Final = 60  # the first characters of a purpose: banks cut the end off
PURPOSE: Final = "Пополнение лицевого счета {account}. Услуги связи. {vat}"
NO_VAT: Final = "Без НДС"
LONGEST_ACCOUNT: Final = "9" * 18
LARGEST_SUM: Final = "9" * 9  # kopecks

_BRACES = re.compile(r"\{[^}]*\}?|\}")


@dataclass(frozen=True, slots=True)
class Payee:
    """Requisites as they stand on receipts and invoices. Raises: WrongRequisite naming the key as the settings do."""

    name: str
    inn: str
    account: str
    bank: str
    bic: str
    correspondent: str
    kpp: str = ""  # an entrepreneur has none
    ogrn: str = ""
    vat: str = NO_VAT
    purpose: str = PURPOSE
    address: str = ""  # this and what follows stands in the documents of the contract
    phone: str = ""
    email: str = ""
    director: str = ""
    licences: str = ""

    def __post_init__(self) -> None:
        _check_text("name", self.name, LONGEST_NAME)
        _check_text("bank", self.bank, LONGEST_BANK)
        requisites.check_bic(self.bic)
        requisites.check_account(self.account, self.bic)
        requisites.check_correspondent(self.correspondent, self.bic)
        tax_numbers.check_inn(self.inn)
        tax_numbers.check_kpp(self.kpp, self.inn)
        if self.ogrn:
            tax_numbers.check_ogrn(self.ogrn)
        _check_text("vat", self.vat, qr_text.LONGEST_PURPOSE)
        for key in ("address", "phone", "email", "director", "licences"):
            if text := getattr(self, key):
                _check_text(key, text, LONGEST_PARTICULAR)
        self._check_purpose()
        self._check_size()

    def requisites(self) -> dict[str, str]:
        """Return the five mandatory requisites of a payment's code, in their order."""
        values = (self.name, self.account, self.bank, self.bic, self.correspondent)
        return dict(zip(qr_text.MANDATORY, values, strict=True))

    def purpose_for(self, account: str) -> str:
        """Return what a payment to this account is for, with the words about VAT."""
        return self.purpose.replace("{account}", account).replace("{vat}", self.vat)

    def _check_purpose(self) -> None:
        strange = set(_BRACES.findall(self.purpose)) - {"{account}", "{vat}"}
        if strange:
            raise WrongRequisite(
                key="purpose", reason=f"{min(strange)} means nothing: there are {{account}} and {{vat}}"
            )
        longest = self.purpose_for(LONGEST_ACCOUNT)
        _check_text("purpose", longest, qr_text.LONGEST_PURPOSE)
        if LONGEST_ACCOUNT not in longest[:ACCOUNT_STANDS_IN]:
            reason = (
                f"{{account}} must stand whole within the first {ACCOUNT_STANDS_IN} characters: banks cut the rest off"
            )
            raise WrongRequisite(key="purpose", reason=reason)

    def _check_size(self) -> None:
        size = qr_text.mandatory_bytes(self.requisites())
        if size > qr_text.MOST_MANDATORY_BYTES:
            reason = f"with bank and numbers it takes {size} bytes of a code, {qr_text.MOST_MANDATORY_BYTES} fit"
            raise WrongRequisite(key="name", reason=reason)
        full = self.requisites() | {
            "Sum": LARGEST_SUM,
            "Purpose": self.purpose_for(LONGEST_ACCOUNT),
            "PayeeINN": self.inn,
            "KPP": self.kpp,
            "PersAcc": LONGEST_ACCOUNT,
        }
        if qr_text.size(full) > qr_text.MOST_BYTES:
            reason = (
                f"a code would take {qr_text.size(full)} bytes, {qr_text.MOST_BYTES} are read from paper: shorten it"
            )
            raise WrongRequisite(key="purpose", reason=reason)


def _check_text(key: str, text: str, longest: int) -> None:
    if not text:
        raise WrongRequisite(key=key, reason="must be set")
    if "|" in text or "=" in text:
        raise WrongRequisite(key=key, reason=f"'{text}' holds | or =, which part the fields of a payment's code")
    try:
        is_clean = qr_text.clean(text) == text
    except NotPrintable:
        is_clean = False
    if not is_clean:
        raise WrongRequisite(key=key, reason=f"'{text}' holds spaces or signs that codes do not carry: type it anew")
    if len(text) > longest:
        raise WrongRequisite(key=key, reason=f"'{text}' has {len(text)} characters, at most {longest} fit")
