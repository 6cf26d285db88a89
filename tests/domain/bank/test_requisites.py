"""Bank details that are true and that are not: official examples, published samples, every single mistyped digit."""

import pytest

from k5web.domain.bank import requisites
from k5web.errors import WrongRequisite

BIC = "044525225"


@pytest.mark.parametrize(
    ("account", "bic"),
    [
        ("40702810938000017997", BIC),
        ("40703810990200000032", "044030790"),
        ("40802810538050005372", BIC),
        ("40702810455000024248", "044030653"),
        ("40703810644050040322", "045004641"),
    ],
)
def test_a_true_account_passes(account: str, bic: str) -> None:
    requisites.check_account(account, bic)


@pytest.mark.parametrize(
    ("account", "bic"),
    [
        ("30101810400000000225", BIC),
        ("30101810900000000790", "044030790"),
        ("30101810500000000653", "044030653"),
        ("30101810800000000746", "049805746"),
    ],
)
def test_a_true_correspondent_account_passes(account: str, bic: str) -> None:
    requisites.check_correspondent(account, bic)


def test_the_official_examples_of_the_key_come_out() -> None:
    assert requisites.is_key_true("30101810800000000746", "005")
    assert requisites.is_key_true("40602810700000000025", "746")
    assert requisites.is_key_true("40102810545370000003", "025")  # at the Bank of Russia itself
    assert not requisites.is_key_true("40102810545370000003", "988")


@pytest.mark.parametrize(("account", "key"), [("30101810965770000413", 6), ("30101810145250000001", 4)])
def test_a_wrong_key_is_named_with_the_right_one(account: str, key: int) -> None:
    bic = f"044525{account[-3:]}"
    with pytest.raises(WrongRequisite, match=f"digit 9, would be {key}"):
        requisites.check_correspondent(account, bic)
    with pytest.raises(WrongRequisite, match="must end in 225"):
        requisites.check_correspondent(account, BIC)


def test_every_mistyped_digit_of_an_account_is_found() -> None:
    sound = "40702810938000017997"
    for at, digit in enumerate(sound):
        for other in set("0123456789") - {digit}:
            with pytest.raises(WrongRequisite):
                requisites.check_account(sound[:at] + other + sound[at + 1 :], BIC)


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ("12345678901234567890", "begins with 12345"),
        ("4070281093800001799", "20 digits"),
        ("4070281A938000017997", "20 digits"),
        ("٤٠٧٠٢٨١٠٩٣٨٠٠٠٠١٧٩٩٧", "20 digits"),
        ("40702840938000017997", "not in roubles"),
    ],
)
def test_what_is_no_rouble_account_is_told_why(account: str, words: str) -> None:
    with pytest.raises(WrongRequisite, match=words):
        requisites.check_account(account, BIC)


@pytest.mark.parametrize("bic", ["", "04452522", "0445252255", "144525225", "04452522A"])
def test_a_bic_is_nine_digits_from_04(bic: str) -> None:
    with pytest.raises(WrongRequisite, match="no bank's BIC"):
        requisites.check_bic(bic)


@pytest.mark.parametrize(
    "inn",
    [
        "7708789018",
        "2308210371",
        "7802532605",
        "7707083893",
        "5433118499",
        "7802895380",
        "504908219824",
        "500705271772",
        "500100732259",
    ],
)
def test_a_true_inn_passes(inn: str) -> None:
    requisites.check_inn(inn)


@pytest.mark.parametrize(
    ("inn", "words"),
    [
        ("6200098765", "digit 10 would be 3"),
        ("7701234567", "digit 10 would be 0"),
        ("504908219834", "would be"),
        ("504908219825", "digit 12 would be 4"),
        ("0000000000", "no region"),
        ("000000000000", "no region"),
        ("770878901", "no INN"),
        ("77087890188", "no INN"),
        ("7708 789018", "no INN"),
    ],
)
def test_a_wrong_inn_is_told_why(inn: str, words: str) -> None:
    with pytest.raises(WrongRequisite, match=words):
        requisites.check_inn(inn)


def test_a_kpp_belongs_to_organisations_only() -> None:
    requisites.check_kpp("772401001", "7708789018")
    requisites.check_kpp("7724AZ001", "7708789018")
    requisites.check_kpp("", "504908219824")
    with pytest.raises(WrongRequisite, match="an entrepreneur"):
        requisites.check_kpp("772401001", "504908219824")
    for wrong in ("77240100", "7724az001", "772401001 ", "0"):
        with pytest.raises(WrongRequisite, match="no KPP"):
            requisites.check_kpp(wrong, "7708789018")


@pytest.mark.parametrize(
    "ogrn",
    ["1137746405510", "1142308006917", "1027700132195", "1037739010891", "1027700220624", "304500116000157"],
)
def test_an_ogrn_ends_in_its_control_digit(ogrn: str) -> None:
    requisites.check_ogrn(ogrn)
    mistyped = ogrn[:-1] + str((int(ogrn[-1]) + 1) % 10)
    with pytest.raises(WrongRequisite, match=f"last digit would be {ogrn[-1]}"):
        requisites.check_ogrn(mistyped)
    with pytest.raises(WrongRequisite, match="13 digits"):
        requisites.check_ogrn(ogrn[1:])
