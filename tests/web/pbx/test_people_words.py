"""A refusal about people of a PBX says what to do, and never a code."""

import pytest
from flask import Flask

from k5web.errors import ExtensionTaken, K5Error, NoPbx, PeopleLimit, WrongExtension, WrongNetwork
from k5web.web.errors import words

SAID = [
    (NoPbx(plan="K5"), "На тарифе «K5» нет ВАТС"),
    (PeopleLimit(limit=1), "Оплачено место для 1 сотрудника"),
    (PeopleLimit(limit=5), "Оплачены места для 5 сотрудников"),
    (WrongExtension(text="112"), "от двух до четырёх цифр"),
    (ExtensionTaken(extension="201"), "201 уже занят"),
    (WrongNetwork(text="office"), "Это не сеть: «office»"),
]


@pytest.mark.parametrize(("refusal", "said"), SAID)
def test_each_refusal_is_told(app: Flask, refusal: K5Error, said: str) -> None:
    with app.test_request_context("/me/pbx"):
        assert said in words(refusal)
