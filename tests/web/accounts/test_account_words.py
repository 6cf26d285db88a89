"""Words about log-ins and stopped subscribers: each says something of its own."""

from flask import Flask

from k5web.web.accounts.account_words import WORDS

FACTS = {"attempts_left": 3, "wait_s": 90, "rule": "short", "key": "account"}


def test_each_refusal_says_something_of_its_own(app: Flask) -> None:
    with app.test_request_context("/"):
        said = [words(FACTS) for words in WORDS.values()]
    assert len(set(said)) == len(WORDS)
    assert all(each.endswith(".") for each in said)
