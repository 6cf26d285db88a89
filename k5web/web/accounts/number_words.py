"""Words for refusals about numbers to rent."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from k5web.web.texts import _, ngettext
from k5web.web.words import money, phone

Facts = Mapping[str, Any]


def code_name(code: str) -> str:
    """Return a code as people say it: «495», «8-800»."""
    return "8-800" if code == "800" else code


WORDS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "number_taken": lambda facts: _(
        "Номер %(number)s только что занял другой абонент. Выберите другой. Деньги не списаны.",
        number=phone(str(facts["number"])),
    ),
    "reservation_over": lambda facts: _(
        "Бронь номера %(number)s закончилась. Деньги не списаны. Забронируйте его ещё раз.",
        number=phone(str(facts["number"])),
    ),
    "one_reservation": lambda facts: _(
        "За вами уже забронирован номер %(number)s. Подключите его или отпустите, потом выбирайте другой.",
        number=phone(str(facts["number"])),
    ),
    "too_many_reserved": lambda facts: ngettext(
        "За день можно забронировать %(num)s номер. Завтра можно снова.",
        "За день можно забронировать %(num)s номера. Завтра можно снова.",
        int(facts["most_times"]),
    ),
    "not_offered": lambda facts: _(
        "На тарифе «%(plan)s» номеров с кодом %(code)s нет. Нужен другой код или другой тариф. Деньги не списаны.",
        plan=facts["plan"],
        code=code_name(str(facts["code"])),
    ),
    "number_limit": lambda facts: ngettext(
        "На тарифе «%(plan)s» может быть только %(num)s такой номер. Деньги не списаны.",
        "На тарифе «%(plan)s» может быть только %(num)s таких номера. Деньги не списаны.",
        int(facts["most_times"]),
        plan=facts["plan"],
    ),
    "number_unpaid": lambda facts: _(
        "Тариф «%(plan)s» ещё не оплачен. Пополните счёт: плата спишется сама, и номер можно будет подключить.",
        plan=facts["plan"],
    ),
    "fee_rose": lambda facts: _(
        "Подключение стоит уже не %(agreed)s, а %(due)s. Деньги не списаны. Если согласны, нажмите ещё раз.",
        agreed=money(facts["agreed"]),
        due=money(facts["due"]),
    ),
}
