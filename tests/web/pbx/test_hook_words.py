"""Each reason why an address cannot be told of calls has words of its own."""

from flask import Flask

from k5web.web.pbx import hook_words


def test_each_reason_has_words_of_its_own(app: Flask) -> None:
    with app.test_request_context():
        said = {
            reason: hook_words.WORDS["wrong_hook"]({"reason": reason})
            for reason in ("form", "https", "name", "own", "events")
        }
    assert len(set(said.values())) == 5
    assert all(text.endswith(".") for text in said.values())
