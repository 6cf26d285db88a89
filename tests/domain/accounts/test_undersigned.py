"""How a subscriber stands on a paper: as the contract names them; what is not known is left for the pen."""

from datetime import date

from k5web.domain.accounts.profile import Profile
from k5web.domain.accounts.undersigned import Undersigned
from k5web.domain.prices.number import Msisdn

CONTRACT = ("K5-100001", date(2026, 11, 1))


def test_an_organisation_stands_with_its_numbers_and_its_legal_address() -> None:
    profile = Profile(
        "organisation",
        {"organisation": "ООО «Лютик»", "legal_address": "Москва", "inn": "7708789018", "ogrn": "1157746000000"},
    )
    signer = Undersigned.of(100001, "Анна", profile, Msisdn("79161234567"), CONTRACT)
    assert signer.full == "ООО «Лютик», ИНН 7708789018, ОГРН 1157746000000, Москва"
    assert signer.phone == "+7 916 123-45-67"
    assert signer.basis == "Договор № K5-100001 от 01.11.2026, лицевой счёт 100001"


def test_a_person_shows_no_identity_document() -> None:
    values = {"surname": "Петрова", "given_name": "Анна", "address": "Тула", "document_number": "4509123456"}
    signer = Undersigned.of(100001, "А.", Profile("person", values), None, CONTRACT)
    assert (signer.full, signer.numbers, signer.phone) == ("Анна Петрова, Тула", "", "")


def test_who_told_nothing_stands_by_the_name_of_the_account() -> None:
    assert Undersigned.of(100001, "Анна", None, None, CONTRACT).full == "Анна"
