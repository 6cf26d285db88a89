"""Where a Russian text uses a term of the glossary, in any of its forms."""

import re
from functools import cache
from typing import Final

_ENDINGS: Final = (
    "а|я|у|ю|о|е|ы|и|ь|й|ом|ем|ой|ей|ью|ов|ев|ий|ам|ям|ах|ях|ию|ии|ия|ие|ий|иям|иях|ием|иями|ами|ями|ья|ьям|ев"
)
_ADJECTIVE: Final = "ый|ий|ой|ая|яя|ое|ее|ые|ие|ого|его|ому|ему|ым|им|ых|их|ую|юю|ыми|ими|ом|ем|ей"


@cache
def form_of(term: str) -> re.Pattern[str]:
    """Return the pattern of a term in all its cases, of one or several words."""
    return re.compile(rf"(?<![\w-]){' '.join(map(_word, plain(term).split()))}(?![\w-])")


def plain(text: str) -> str:
    """Return a text in small letters, without Ё and no-break spaces."""
    return " ".join(text.casefold().replace("ё", "е").split())


def _word(word: str) -> str:
    if word == "день":
        return "д(?:ень|ня|ню|нем|не|ни|ней|ням|нями|нях)"
    if word.endswith(("ый", "ий", "ой", "ая", "яя", "ое")) and len(word) > 4 and not word.endswith(("ение", "ание")):
        return f"{word[:-2]}(?:{_ADJECTIVE})"
    if word.endswith("ок"):
        return f"{word[:-2]}(?:ок|к(?:{_ENDINGS}))"
    root = word[:-1] if word[-1] in "аяоеиыь" else word
    return f"{root}(?:{_ENDINGS})?"
