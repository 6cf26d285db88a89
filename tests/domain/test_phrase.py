"""A text that is translated when it is shown."""

from k5web.domain.phrase import phrase


def test_a_phrase_says_itself_in_russian_with_its_places_filled() -> None:
    assert str(phrase("Впишите %(what)s.", what="сумму")) == "Впишите сумму."


def test_a_phrase_without_places_may_hold_any_sign() -> None:
    assert str(phrase("Скидка 5 %.")) == "Скидка 5 %."
