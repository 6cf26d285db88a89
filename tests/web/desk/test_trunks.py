"""Trunks and directions at the desk: charts with the table of the same figures under them."""

import re
from collections.abc import Callable

from k5web.services.calls.trunks_off import switch_off
from tests.services.house import House
from tests.web.conftest import Browser
from tests.web.desk.test_calls import words_of


def test_figures_of_the_days_stand_under_their_charts(staff: Callable[..., Browser], k5: House) -> None:
    engineer = staff("engineer")
    k5.top_up("100.00")
    k5.talk(k5.order(), "60")
    page = engineer.get("/desk/trunks").text
    said = words_of(page)
    assert len(re.findall(r"<svg ", page)) == 8
    for each in (
        "в порядке",
        "0 2000",
        "trunk 2 2 100,0 % 62,5 с",
        "Москва городской 1 1 100,0 % 60,0 с 5,0 с 5,0 с 1,0",
        "2,20 ₽ не меньше 0,00 ₽ неизвестна",
        "без цены: 2",
    ):
        assert each in said, each


def test_days_without_calls_say_so_and_wrong_ones_are_refused(staff: Callable[..., Browser]) -> None:
    engineer = staff("engineer")
    assert engineer.get("/desk/trunks?from=2026-11-01&to=2026-11-02").text.count("В эти дни звонков не было.") == 2
    for query in ("from=x", "from=2026-11-02&to=2026-11-01", "from=2026-01-01&to=2026-11-01"):
        assert engineer.get(f"/desk/trunks?{query}").status_code == 400, query


def test_a_trunk_that_rests_says_why(staff: Callable[..., Browser], k5: House) -> None:
    engineer = staff("engineer")
    k5.top_up("100.00")
    for number in range(3):
        call = k5.order(f"+749512345{number}0")
        k5.work()
        k5.switch.refuse(call.id, "a", 34, sip=503)
        k5.work()
    said = words_of(engineer.get("/desk/trunks").text)
    assert "сбой пути 3" in said
    assert "сбоев подряд" in said


def test_a_trunk_that_is_off_says_who_switched_it_off_and_why(staff: Callable[..., Browser], k5: House) -> None:
    switch_off(k5.ports, "trunk", "эхо <b>", "staff:a.ivanova")
    page = staff("engineer").get("/desk/trunks").text
    assert "выключен: эхо &lt;b&gt; (staff:a.ivanova)" in page
