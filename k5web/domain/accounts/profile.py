"""A subscriber's particulars: a person or an organisation, as the contract names them (B14)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from k5web.domain.accounts import tax_numbers
from k5web.errors import WrongProfile, WrongRequisite

Kind = Literal["person", "organisation"]
Rule = Literal[
    "missing",
    "long",
    "signs",
    "inn",
    "kpp",
    "kpp_of_entrepreneur",
    "not_in_kyrgyzstan",
    "ogrn",
    "ogrn_of_another",
    "document",
    "passport",
]

What = Literal["person", "organisation", "email"]

DOCUMENTS: Final = ("passport_ru", "passport", "residence", "other")  # kinds of identity documents
_SHOWN: Final = 2  # digits of an identity document


@dataclass(frozen=True, slots=True)
class Field:
    """One of the particulars."""

    name: str
    longest: int  # characters
    is_required: bool = False


FIELDS: Final[Mapping[Kind, tuple[Field, ...]]] = {
    "person": (
        Field("surname", 60, is_required=True),
        Field("given_name", 60, is_required=True),
        Field("patronymic", 60),
        Field("address", 200, is_required=True),
        Field("document", 20),
        Field("document_number", 40),
        Field("document_issued", 200),
    ),
    "organisation": (
        Field("organisation", 160, is_required=True),
        Field("legal_address", 200, is_required=True),
        Field("postal_address", 200),
        Field("inn", 14, is_required=True),
        Field("kpp", 9),
        Field("ogrn", 15),
    ),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """The particulars of one subscriber. A field that is left out is empty."""

    kind: Kind
    values: Mapping[str, str]

    def __getitem__(self, field: str) -> str:
        return self.values.get(field, "")

    @property
    def title(self) -> str:
        """How the subscriber is called: «Иван Петрович Сидоров», or the organisation's name."""
        if self.kind == "organisation":
            return self["organisation"]
        return " ".join(filter(None, (self["given_name"], self["patronymic"], self["surname"])))

    @property
    def document_tail(self) -> str:
        """All that is shown of an identity document's number: its last two signs."""
        return self["document_number"][-_SHOWN:]

    def shown(self) -> dict[str, str]:
        """Return the particulars with the identity document's number masked."""
        return {name: f"…{self.document_tail}" if name == "document_number" else self[name] for name in self.values}


@dataclass(frozen=True, slots=True)
class PersonalFacts:
    """One version of what a subscriber told: particulars, or an e-mail address, empty where it was taken away."""

    what: What
    facts: Mapping[str, str]
    at: datetime
    actor: str  # subscriber, staff:…


def read_profile(kind: Kind, typed: Mapping[str, str], kept: Profile | None = None) -> Profile:
    """Return the particulars that were typed. An identity document stays where its kind is chosen and no number typed.

    Raises: WrongProfile naming every wrong field with its rule.
    """
    values = {field.name: " ".join(typed.get(field.name, "").split()) for field in FIELDS[kind]}
    if kept and values.get("document") and values["document"] == kept["document"] and not values["document_number"]:
        values["document_number"] = kept["document_number"]
        values["document_issued"] = values["document_issued"] or kept["document_issued"]
    wrong: dict[str, Rule] = {}
    for field in FIELDS[kind]:
        if rule := _rule_of_text(field, values[field.name]):
            wrong[field.name] = rule
    of_kind = _wrong_document(values) if kind == "person" else _wrong_numbers(values)
    wrong = {field.name: rule for field in FIELDS[kind] if (rule := wrong.get(field.name) or of_kind.get(field.name))}
    if wrong:
        raise WrongProfile(fields=wrong, said=", ".join(f"{name} ({rule})" for name, rule in wrong.items()))
    return Profile(kind, {name: text for name, text in values.items() if text})


def _rule_of_text(field: Field, text: str) -> Rule | None:
    if not text:
        return "missing" if field.is_required else None
    if len(text) > field.longest:
        return "long"
    return None if text.isprintable() else "signs"


def _wrong_document(values: dict[str, str]) -> dict[str, Rule]:
    """Return what is wrong with an identity document; a Russian passport's number loses its spaces and its sign."""
    kind, number = values["document"], values["document_number"]
    if kind not in {"", *DOCUMENTS} or (not kind and (number or values["document_issued"])):
        return {"document": "document"}
    if kind and not number:
        return {"document_number": "missing"}
    if kind == "passport_ru":
        digits = number.replace(" ", "").replace("№", "").replace("-", "")
        values["document_number"] = digits
        if not (digits.isascii() and digits.isdigit() and len(digits) == 10):
            return {"document_number": "passport"}
    return {}


def _wrong_numbers(values: dict[str, str]) -> dict[str, Rule]:
    """Return what is wrong with an organisation's numbers. One of Kyrgyzstan has 14 digits and no others."""
    inn, kpp, ogrn = values["inn"], values["kpp"], values["ogrn"]
    if tax_numbers.is_kyrgyz_inn(inn):
        others: dict[str, Rule] = {name: "not_in_kyrgyzstan" for name in ("kpp", "ogrn") if values[name]}
        return others | {"inn": "inn"} if len(set(inn)) == 1 else others
    wrong: dict[str, Rule] = {}
    if inn and not _passes(tax_numbers.check_inn, inn):
        wrong["inn"] = "inn"
    if kpp and len(inn) == 12:
        wrong["kpp"] = "kpp_of_entrepreneur"
    elif not _passes(tax_numbers.check_kpp, kpp, inn):
        wrong["kpp"] = "kpp"
    if not ogrn:
        return wrong | {"ogrn": "missing"}
    if not _passes(tax_numbers.check_ogrn, ogrn):
        wrong["ogrn"] = "ogrn"
    elif len(inn) in {10, 12} and len(ogrn) != (13 if len(inn) == 10 else 15):
        wrong["ogrn"] = "ogrn_of_another"
    return wrong


def _passes(check: Callable[..., None], *numbers: str) -> bool:
    try:
        check(*numbers)
    except WrongRequisite:
        return False
    return True
