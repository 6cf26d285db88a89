"""Particulars of a person or an organisation: what can be true is kept, each wrong field is named (B14)."""

import pytest

from k5web.domain.accounts.profile import Kind, Profile, read_profile
from k5web.errors import WrongProfile

PERSON = {"surname": "Сидорова", "given_name": "Анна", "patronymic": "Петровна", "address": "Москва, Тверская, 1"}
PASSPORT = {"document": "passport_ru", "document_number": "45 09 № 123456", "document_issued": "ОВД, 01.02.2010"}
COMPANY = {
    "organisation": "ООО «Ромашка»",
    "legal_address": "Москва, Тверская, 1",
    "inn": "7708789018",
    "kpp": "772401001",
    "ogrn": "1137746405510",
}


def wrong(kind: Kind, typed: dict[str, str], kept: Profile | None = None) -> dict[str, str]:
    with pytest.raises(WrongProfile) as refused:
        read_profile(kind, typed, kept)
    fields = refused.value.facts["fields"]
    assert isinstance(fields, dict)
    return fields


def test_a_person_is_called_by_the_name_and_spaces_are_put_in_order() -> None:
    found = read_profile("person", PERSON | {"surname": "  Сидорова ", "address": "Москва,\n Тверская,  1"})
    assert found == Profile("person", PERSON)
    assert found.title == "Анна Петровна Сидорова"


def test_an_organisation_is_called_by_its_name() -> None:
    assert read_profile("organisation", COMPANY).title == "ООО «Ромашка»"


def test_only_the_end_of_a_documents_number_is_shown() -> None:
    found = read_profile("person", PERSON | PASSPORT)
    assert found["document_number"] == "4509123456"
    assert found.shown()["document_number"] == "…56"


def test_a_document_stays_while_its_kind_does_and_goes_with_it() -> None:
    kept = read_profile("person", PERSON | PASSPORT)
    again = PERSON | {"document": "passport_ru", "document_issued": "МВД, 01.02.2020"}
    assert read_profile("person", again, kept)["document_number"] == "4509123456"
    assert read_profile("person", again, kept)["document_issued"] == "МВД, 01.02.2020"
    assert "document_number" not in read_profile("person", PERSON, kept).values
    assert wrong("person", PERSON | {"document": "passport"}, kept) == {"document_number": "missing"}


def test_every_wrong_field_is_named_in_the_order_of_the_form() -> None:
    typed = {"surname": "я" * 61, "patronymic": "а\0б", "document_number": "12"}
    found = wrong("person", typed)
    assert found == {
        "surname": "long", "given_name": "missing", "patronymic": "signs", "address": "missing", "document": "document",
    }  # fmt: skip
    assert list(found) == ["surname", "given_name", "patronymic", "address", "document"]


@pytest.mark.parametrize("number", ["450912345", "45091234567", "45O9123456", "٤٥٠٩١٢٣٤٥٦"])
def test_a_russian_passport_has_ten_digits(number: str) -> None:
    assert wrong("person", PERSON | PASSPORT | {"document_number": number}) == {"document_number": "passport"}


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"inn": "7708789019"}, {"inn": "inn"}),
        ({"inn": "770878901"}, {"inn": "inn"}),
        ({"kpp": "7724"}, {"kpp": "kpp"}),
        ({"ogrn": "1137746405511"}, {"ogrn": "ogrn"}),
        ({"ogrn": ""}, {"ogrn": "missing"}),
        ({"ogrn": "304500116000157"}, {"ogrn": "ogrn_of_another"}),
        ({"inn": "504908219824"}, {"kpp": "kpp_of_entrepreneur", "ogrn": "ogrn_of_another"}),
        ({"inn": ""}, {"inn": "missing"}),
        ({"organisation": " "}, {"organisation": "missing"}),
    ],
)
def test_an_organisations_numbers_must_be_true_and_fit_each_other(
    changed: dict[str, str], fields: dict[str, str]
) -> None:
    assert wrong("organisation", COMPANY | changed) == fields


def test_an_entrepreneur_and_a_company_of_kyrgyzstan_have_other_numbers() -> None:
    read_profile("organisation", COMPANY | {"inn": "504908219824", "kpp": "", "ogrn": "304500116000157"})
    read_profile("organisation", COMPANY | {"inn": "02507199510010", "kpp": "", "ogrn": ""})


def test_a_tax_number_of_kyrgyzstan_stands_alone_and_is_not_one_digit_over_and_over() -> None:
    kyrgyz = COMPANY | {"inn": "02507199510010"}
    assert wrong("organisation", kyrgyz) == {"kpp": "not_in_kyrgyzstan", "ogrn": "not_in_kyrgyzstan"}
    assert wrong("organisation", kyrgyz | {"inn": "0" * 14, "kpp": "", "ogrn": ""}) == {"inn": "inn"}
