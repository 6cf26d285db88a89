"""Whether the time of a refusal tells how much of a forged signature is right: first letter wrong against last (S3).

The same is asked of a check that looks letter by letter and stops at the first wrong one: where the measurement does
not find that, it could not have found anything of ours.
"""

import random
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Final

from bench import Measure
from bench.samples import bound, distance
from connectors.cards.callback import HmacSeal
from connectors.qiwi import wire

FULL: Final = 20_000  # comparisons of each of the two
TEXT: Final = "amount;50000;mdOrder;ab-1;operation;deposited;orderNumber;K5-1-1;status;1;"
KEY: Final = "a-key-of-the-benchmark"

Fits = Callable[[str], object]  # whether a signature belongs to the text


def run(size: int = FULL, draw: random.Random | None = None) -> list[Measure]:
    """Return how far the samples are from telling anything (1 and more: nothing), and what a bad check tells.

    Who measures again goes on with the same chance: from its beginning it would repeat what it did by accident.
    """
    draw = draw or random.Random()
    seal = HmacSeal.of(KEY)
    cards, qiwi = seal.checksum(TEXT.encode()), wire.sign(TEXT, KEY, "sha256").hex()
    checks: dict[str, tuple[str, Fits]] = {
        "a checksum of cards": (cards, partial(seal.fits, TEXT.encode())),
        "a signature of bills": (qiwi, lambda given: wire.is_signed(given, TEXT, [KEY], "sha256")),
    }
    least = bound(size)
    found = [
        Measure(f"what is right of {what}", least, "the samples' distance", _told(true, fits, size, draw), "", aim=1)
        for what, (true, fits) in checks.items()
    ]
    bad = _told(qiwi, partial(_letter_by_letter, qiwi), size, draw)
    return [*found, Measure("a check that stops at a wrong letter", bad, "the bound", least, "", aim=1)]


def _told(true: str, fits: Fits, size: int, draw: random.Random) -> float:
    """Return the distance between the times of refusals: the first letter wrong, and the last.

    Each is a text of its own, made before, wrong by any letter: where one text lies in memory would tell more.
    """
    first, last = 0, len(true) - 1
    places = [first, last] * size
    draw.shuffle(places)  # what the machine does beside falls on both alike
    asked = [(place, _wrong_at(true, place, draw)) for place in places]
    times: dict[int, list[float]] = {first: [], last: []}
    for place, given in asked:
        began = perf_counter()
        fits(given)
        took_s = perf_counter() - began  # to look up where it belongs takes as long as what is looked for
        times[place].append(took_s)
    return distance(times[first], times[last])


def _wrong_at(true: str, place: int, draw: random.Random) -> str:
    letters = list(true)
    letters[place] = draw.choice([each for each in sorted(set(true)) if each != true[place]])
    return "".join(letters)


def _letter_by_letter(true: str, given: str) -> bool:
    return all(one == other for one, other in zip(true, given, strict=True))
