"""What messages say."""

from typing import Any

import pytest

from k5web.domain.languages import NAMES
from k5web.domain.messaging.notice import KINDS, SECRETS
from k5web.domain.money import Money
from k5web.domain.prices.sms_parts import is_7bit, sms_parts
from k5web.web import language as tongue
from k5web.web.messaging.speech import plain, say, speaking
from k5web.web.words import money, phone

FACTS: dict[str, Any] = {
    "code": "123456", "password": "korova-tuman-42", "balance_minor": 123450, "minor": 47000, "currency": "RUB",
    "title": "GO 100", "effective": "2027-01-01", "last_day": "2027-01-31",
    "browser": "Chrome, Android", "mask": "4276 ** 1234",
    "until": "2027-06-01", "month": "2026-11-01", "version": 1,
    "caller": "79161234567", "seconds": 65,
    "site": "a-name-of-the-longest-kind-that-is-sent…", "n": 17, "given_minor": 1_234_567, "pay_by": "2027-01-15",
}  # fmt: skip


@pytest.fixture
def all_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if all four catalogues were complete."""
    monkeypatch.setattr(tongue, "OFFERED", tuple(NAMES))


@pytest.mark.usefixtures("all_offered")
@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("kind", sorted(KINDS.keys() | SECRETS))
def test_every_kind_has_words_of_at_most_two_parts(kind: str, language: str) -> None:
    said = say(kind, FACTS, language)
    assert said.subject
    assert said.text.startswith("K5: ")
    assert "%(" not in said.text
    assert sms_parts(said.text) <= 2


@pytest.mark.parametrize(
    ("kind", "more", "parts"),
    [
        ("plan_change", {"is_dearer": True}, ["с 01.01.2027", "дороже", "«Моём тарифе»", "возразите", "до этого дня"]),
        ("plan_change", {"is_dearer": False}, ["с 01.01.2027", "дороже он не станет", "«Тарифах»"]),
        ("deck_change", {}, ["с 01.01.2027", "подорожает", "«Моём тарифе»", "возразите", "до этого дня"]),
        ("act", {}, ["акт за ноябрь 2026 г. на 470,00 ₽", "«Документах»"]),
        ("act", {"version": 2}, ["исправленный акт за ноябрь 2026 г."]),
        ("voicemail", {}, ["916", "1:05.", "«Записях разговоров»"]),
        ("voicemail", {"caller": ""}, ["номер скрыт, 1:05."]),
        ("hook_paused", {"site": "crm.example.ru"}, ["crm.example.ru не принимает", "включите в кабинете"]),
        ("fee_not_taken", {"minor": 12_345_678}, ["123 456,78 ₽", "Пополните счёт", "сама", "Отключить"]),
    ],
)
def test_a_change_says_what_from_when_and_what_to_do(kind: str, more: dict[str, Any], parts: list[str]) -> None:
    """B2: where one objects to what becomes dearer, and that nothing is to be done against the rest."""
    said = say(kind, FACTS | more, None).text
    assert [part for part in parts if part not in said] == []
    assert ("возразите" in said) == (more.get("is_dearer", kind == "deck_change"))
    assert sms_parts(said) <= 2


def test_sums_are_written_as_people_write_them() -> None:
    assert say("low_balance", FACTS, "ru").text == "K5: на счёте осталось 1 234,50 ₽. Пополните его."


@pytest.mark.usefixtures("all_offered")
@pytest.mark.parametrize("language", [*NAMES, "xx"])
def test_a_code_is_one_part(language: str) -> None:
    assert sms_parts(say("code", FACTS, language).text) == 1


@pytest.mark.usefixtures("all_offered")
@pytest.mark.parametrize("kind", sorted(KINDS.keys() | SECRETS))
def test_an_english_message_needs_seven_bits(kind: str) -> None:
    """A part of it has 160 letters then and not 70."""
    facts = FACTS | {"site": "example.com"}
    said = say(kind, facts, "en").text
    assert is_7bit(said) or said == say(kind, facts, "ru").text  # not translated yet


@pytest.mark.usefixtures("all_offered")
def test_a_sum_in_an_sms_has_no_letter_that_costs_a_part() -> None:
    with speaking("en"):
        assert plain(money(Money(-123450))) == "-1 234.50 RUB"
        assert plain(phone("79161234567")) == "+7 916 123-45-67"
    with speaking("ru"):
        assert plain(money(Money(123450))) == "1 234,50 ₽"


@pytest.mark.parametrize(
    ("why", "said", "after"),
    [
        ("subscriber", "по вашему заявлению", "Остаток денег вернём"),
        ("debt", "ниже нуля", "Долг нужно заплатить до 15.03.2027."),
        ("breach", "нарушение не исправлено", "Остаток денег вернём"),
        ("objection", "не согласились", "Остаток денег вернём"),
    ],
)
def test_the_end_of_a_contract_says_why_and_what_becomes_of_the_money(why: str, said: str, after: str) -> None:
    wording = say("contract_ended", {"why": why, "until": "2027-03-15"}, None)
    assert said in wording.text
    assert after in wording.text
    assert sms_parts(wording.text) <= 2
