"""Single values of the environment."""

import pytest

from k5web.config import values
from k5web.domain.money import rub
from k5web.errors import WrongSetting


def test_each_reader_takes_what_it_is_for() -> None:
    given = {"A": "HTTPS://T.K5.ru/", "B": "7", "C": "on", "D": "1.50", "E": "+74951110001, 74951110001"}
    assert values.web_address(given, "A", "") == "https://t.k5.ru"
    assert values.whole(given, "B", 3, 1, 9) == 7
    assert values.is_on(given, "C")
    assert values.sum_of_money(given, "D", rub("0.00")) == rub("1.50")
    assert values.numbers(given, "E") == ("74951110001",)
    assert values.path_secret({"F": "s" * 24}, "F") == "s" * 24


@pytest.mark.parametrize("text", ["0", "10", "seven", "٧", ""])
def test_a_number_outside_its_bounds_is_named(text: str) -> None:
    with pytest.raises(WrongSetting, match=r"^B: .* is not a whole number from 1 to 9"):
        values.whole({"B": text}, "B", 3, 1, 9)
