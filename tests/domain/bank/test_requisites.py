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
