"""Words of names and purposes are the same however people type them. Promise: B13."""

import pytest

from k5web.domain.words import words_in


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", set()),
        ("  - , ", set()),
        ("Семёнов СЕМЕНОВ", {"семенов"}),
        ("ООО\u00a0«Ромашка-Плюс»", {"ооо", "ромашка", "плюс"}),
        ("\uff17\uff17 a_b", {"77", "a", "b"}),
    ],
)
def test_words_are_the_same_however_they_are_cased_and_spaced(text: str, words: set[str]) -> None:
    assert words_in(text) == words
