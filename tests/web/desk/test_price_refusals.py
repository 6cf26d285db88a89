"""Each refusal about drafts and versions has words of its own."""

import k5web.errors as refusals
from k5web.web.desk.price_refusals import WORDS


def test_each_refusal_of_drafts_and_versions_has_words() -> None:
    names = "DraftTaken DraftEnded DraftOutdated DraftTooLong InForceAlready WithdrawnAlready StillDearer DeckStopped"
    assert {getattr(refusals, name).code for name in names.split()} == WORDS.keys()
