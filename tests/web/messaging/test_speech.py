"""What messages say."""

from typing import Any

import pytest

from k5web.domain.messaging.notice import KINDS, SECRETS
from k5web.domain.prices.sms_parts import sms_parts
from k5web.web.messaging.speech import say

FACTS: dict[str, Any] = {
    "code": "123456", "password": "korova-tuman-42", "balance_minor": 123450, "minor": 47000, "currency": "RUB",
    "title": "GO 100", "effective": "2027-01-01", "last_day": "2027-01-31",
    "browser": "Chrome, Android", "mask": "4276 ** 1234",
    "until": "2027-06-01", "month": "2026-11-01", "version": 1,
    "caller": "79161234567", "seconds": 65,
    "site": "a-name-of-the-longest-kind-that-is-sent…", "n": 17, "given_minor": 1_234_567, "pay_by": "2027-01-15",
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(KINDS.keys() | SECRETS))
def test_every_kind_has_words_of_at_most_two_parts(kind: str) -> None:
    said = say(kind, FACTS, None)
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


def test_a_code_is_one_part() -> None:
    assert sms_parts(say("code", FACTS, "xx").text) == 1


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
