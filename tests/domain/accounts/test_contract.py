"""Documents of the contract as values: what they say is what is hashed, and the operator's particulars are data."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from k5web.domain.accounts.contract import Document, DocumentVersion, Section, filled, in_force
from k5web.domain.money import rub

OFFER = Document("offer", 1, False, "Оферта {name}", (Section("Кто", ("{name}, ИНН {inn}.",)),), (rub("10.00"),))
OPERATOR = {"name": "ООО «Ромашка»", "inn": "7708789018", "kpp": ""}


def version(number: int, day: int) -> DocumentVersion:
    document = replace(OFFER, number=number)
    moment = datetime(2026, 12, day, tzinfo=UTC)
    return DocumentVersion(number, document, moment, document.digest, moment, "staff:ivan")


def test_particulars_of_the_operator_fill_their_places() -> None:
    done = filled(OFFER, OPERATOR)
    assert done.title == "Оферта ООО «Ромашка»"
    assert done.sections == (Section("Кто", ("ООО «Ромашка», ИНН 7708789018.",)),)


@pytest.mark.parametrize(
    ("point", "named"), [("{kpp}", "kpp"), ("{bank}", "bank"), ("{", "{"), ("}", "}"), ("{na me}", "{na")]
)
def test_a_place_that_nothing_fills_is_named(point: str, named: str) -> None:
    with pytest.raises(KeyError) as error:
        filled(replace(OFFER, sections=(Section("Кто", (point,)),)), OPERATOR)
    assert error.value.args == (named.removeprefix("{") if named == "{na" else named,)


@pytest.mark.parametrize(
    "changed",
    [
        replace(OFFER, number=2),
        replace(OFFER, kind="terms"),
        replace(OFFER, is_worse=True),
        replace(OFFER, title="Оферта"),
        replace(OFFER, sections=(Section("Кто", ("{name}, ИНН {inn}",)),)),
        replace(OFFER, minimum=(rub("9.00"),)),
    ],
)
def test_each_word_of_a_document_changes_its_digest(changed: Document) -> None:
    assert changed.digest != OFFER.digest
    kept = DocumentVersion(
        1, changed, datetime(2026, 12, 1, tzinfo=UTC), OFFER.digest, datetime(2026, 12, 1, tzinfo=UTC), "x"
    )
    assert not kept.is_whole
    assert version(1, 1).is_whole


def test_the_version_in_force_is_the_last_that_has_begun() -> None:
    published = [version(1, 1), version(2, 11)]
    assert in_force(published, datetime(2026, 11, 30, tzinfo=UTC)) is None
    assert in_force(published, datetime(2026, 12, 10, 23, 59, 59, tzinfo=UTC)) == published[0]
    assert in_force(published, datetime(2026, 12, 11, tzinfo=UTC)) == published[1]


def test_the_least_payment_is_that_of_the_currency() -> None:
    assert OFFER.least_payment("RUB") == rub("10.00")
    assert OFFER.least_payment("KGS") is None
