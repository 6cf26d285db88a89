"""The schema and the models say the same, on both databases."""

from k5web.storage import schema


def test_a_migrated_base_is_what_the_models_say(database_url: str) -> None:
    assert schema.is_current(database_url)
    assert schema.check(database_url) == []
