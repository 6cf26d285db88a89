"""The payee: one whose details cannot be true, or do not fit into a code, cannot be made."""

import dataclasses

import pytest

from k5web.errors import WrongRequisite
from tests.fakes.payee import ROMASHKA


def refusal(**changes: str) -> WrongRequisite:
    with pytest.raises(WrongRequisite) as refused:
        dataclasses.replace(ROMASHKA, **changes)
    return refused.value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("account", "40702810938000017998"),
        ("correspondent", "30101810400000000226"),
        ("bic", "044525226"),
        ("inn", "7708789019"),
        ("kpp", "77240100"),
        ("ogrn", "1137746405511"),
        ("name", ""),
        ("name", "ООО | Ромашка"),
        ("bank", "Банк = Банк"),
        ("name", "ООО  «Ромашка»"),
        ("name", "ООО\u00a0«Ромашка»"),
        ("name", "Ромаш\u0438\u0306ка"),
        ("name", "Ромашка \ue000"),
        ("bank", "Б" * 46),
        ("name", "x" * 161),
        ("vat", ""),
        ("purpose", "Оплата {account}. {sum}"),
        ("purpose", "Оплата {account"),
        ("purpose", "Без счёта"),
        ("purpose", "Очень длинное вступление, после которого банк отрежет номер: {account}"),
        ("purpose", "{account} " + "слово " * 25),
    ],
)
def test_a_detail_that_cannot_be_is_named(key: str, value: str) -> None:
    refused = refusal(**{key: value})
    named = {"bic": {"account"}}.get(key, {key})  # against another bank, the account's key is what fails
    assert refused.facts["key"] in named
    assert len(str(refused.facts["reason"])) > 5


def test_an_entrepreneur_has_no_kpp() -> None:
    assert refusal(inn="504908219824").facts["key"] == "kpp"
    assert dataclasses.replace(ROMASHKA, inn="504908219824", kpp="").kpp == ""


def test_the_mandatory_details_take_three_hundred_bytes_at_most() -> None:
    full = dataclasses.replace(ROMASHKA, name="Ж" * 58, bank="Б" * 45)
    assert full.name == "Ж" * 58
    refused = refusal(name="Ж" * 59, bank="Б" * 45)
    assert "302 bytes" in str(refused)


def test_a_purpose_that_leaves_no_room_in_the_code_is_refused() -> None:
    refused = refusal(name="Ж" * 58, bank="Б" * 45, purpose="Оплата {account} " + "словослово " * 9 + "конец")
    assert refused.facts["key"] == "purpose"
    assert "560" in str(refused)


def test_the_purpose_names_the_account_and_the_vat() -> None:
    assert ROMASHKA.purpose_for("1234567") == "Пополнение лицевого счета 1234567. Услуги связи. Без НДС"
    other = dataclasses.replace(ROMASHKA, vat="НДС не облагается")
    assert other.purpose_for("1").endswith("Услуги связи. НДС не облагается")
