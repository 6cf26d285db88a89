"""A term is found in all its cases, and nothing else is."""

import pytest

from tests.translations.terms import form_of, plain


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("звонок", "Деньги за звонки вернули."),
        ("лицевой счёт", "Номер лицевого счета"),
        ("абонентская плата", "без абонентской платы"),
        ("закрытый день", "Записи закрытых дней"),
        ("опция", "Опций нет."),
        ("пароль", "Смените пароль."),
        ("ключ", "Новый ключ:"),
    ],
)
def test_a_term_is_found_in_its_cases(term: str, text: str) -> None:
    assert form_of(term).search(plain(text))


@pytest.mark.parametrize(("term", "text"), [("акт", "активный"), ("ключ", "подключено"), ("счёт", "считаем")])
def test_another_word_is_none(term: str, text: str) -> None:
    assert not form_of(term).search(plain(text))
