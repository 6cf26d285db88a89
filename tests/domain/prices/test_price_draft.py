"""The words in which drafts are kept stay as they are: rows of the database hold them."""

from k5web.domain.prices.price_draft import PRICED, DraftState


def test_the_words_of_the_database_stay() -> None:
    assert PRICED == ("deck", "plan")
    assert [state.value for state in DraftState] == ["open", "published", "dropped"]
