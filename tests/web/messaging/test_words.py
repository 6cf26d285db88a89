"""Words about messages."""

from flask import Flask

from k5web.errors import SmsSpent, WrongOneTimeCode
from k5web.web.errors import words


def test_a_wrong_code_is_not_told_from_an_old_one(app: Flask) -> None:
    with app.test_request_context():
        assert words(WrongOneTimeCode()) == ("Код не подходит или устарел. Проверьте цифры или закажите новый код.")
        assert words(SmsSpent()).startswith("Сегодня мы больше не можем")
