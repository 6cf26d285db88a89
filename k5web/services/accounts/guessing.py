"""How soon a password is guessed: zxcvbn's estimate, which knows English, and what it lacks of Russian.

A password is looked at as typed, as the other keyboard layout would have typed it (пароль, gfhjkm), and Russian words
stand in zxcvbn's dictionary in both alphabets. Wrapped here because zxcvbn has no types.
"""

import re
import threading
from importlib.resources import files
from typing import Final

from zxcvbn import zxcvbn

LEAST_GUESSES: Final = 5 * 10**7  # a guesser has thirty a day for one number
EXAMINED: Final = 32  # characters: more can only make it stronger, and the estimate's time grows with them

_RUSSIAN_KEYS, _LATIN_KEYS = "йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_AS_LATIN: Final = str.maketrans(_RUSSIAN_KEYS, _LATIN_KEYS)
_AS_RUSSIAN: Final = str.maketrans(_LATIN_KEYS, _RUSSIAN_KEYS)
_SOUNDS: Final = str.maketrans(
    dict(zip("абвгдеёзийклмнопрстуфыэ", "abvgdeeziyklmnoprstufye", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}
)
# Signs written for letters. zxcvbn tries all their meanings, which takes seconds for a text of nothing else; digits
# are few enough to be left to it
_SIGNS: Final = str.maketrans("@({[<!|$+%", "accccilstx")
_LATER_YEAR: Final = re.compile(r"20[2-4](?=[0-9])")  # zxcvbn knows years as such up to 2019

_LOCK: Final = threading.Lock()  # zxcvbn keeps the dictionary of a call where the next one finds it


def in_latin(word: str) -> str:
    """Return a Russian word in Latin letters, by its sound."""
    return word.translate(_SOUNDS)


def _words() -> list[str]:
    lines = files("k5web.services.accounts").joinpath("russian_words.txt").read_text("utf-8").splitlines()
    russian = [line for line in lines if line and not line.startswith("#")]
    return [*russian, *map(in_latin, russian)]


_WORDS: Final = _words()


def is_guessed_soon(password: str) -> bool:
    """Return whether a guesser who begins with what is likely comes to this password soon."""
    text = _LATER_YEAR.sub("201", password.lower().translate(_SIGNS)[:EXAMINED])
    spellings = {text, text.translate(_AS_LATIN), text.translate(_AS_RUSSIAN)}
    with _LOCK:
        return any(zxcvbn(spelling, user_inputs=_WORDS)["guesses"] < LEAST_GUESSES for spelling in spellings)
