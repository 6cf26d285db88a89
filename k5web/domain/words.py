"""The words of a name or of any other text, as people look for them."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")


def words_in(text: str) -> frozenset[str]:
    """Return the words of a text, however they are cased and spaced; «ё» is written «е» as well."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return frozenset(_WORD.findall(plain))
