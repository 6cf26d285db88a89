"""The glossary's table of terms is what the translations are held to."""

from tests.translations import glossary


def test_the_table_of_terms_is_that_of_the_lists() -> None:
    """If this fails: python -m tests.translations.glossary"""
    assert glossary.written() == glossary.table()
