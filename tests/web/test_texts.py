"""Texts have the forms that their language has."""

from datetime import UTC, datetime

from flask import Flask

import k5web.errors as refusals
from k5web.web.errors import words


def test_russian_has_three_plurals(app: Flask) -> None:
    waits = {1: "1 секунду", 2: "2 секунды", 5: "5 секунд", 21: "21 секунду", 60: "1 минуту", 61: "2 минуты"}
    until = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    with app.test_request_context():
        for wait_s, said in (waits | {900: "15 минут"}).items():
            assert words(refusals.LoginPaused(wait_s=wait_s)).endswith(f"Подождите {said}.")
        for times, said in {1: "1 раз.", 2: "2 раза.", 5: "5 раз.", 22: "22 раза."}.items():
            assert f"уже {said}" in words(refusals.TooManyUnanswered(number="79160000001", times=times, until=until))
