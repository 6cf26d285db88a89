"""Every figure of the operators' documents comes out of the engine: uses in, charges and fees out.

A4, B7, B8, D1, D2, D4, D5, E1 to E8; the figures stand in `tests/seed_figures.py`.
Long because each printed figure has its case here, and the cases share their makers.
"""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from k5web.domain.prices.plan_rating import BYTES_PER_KB, KB_PER_MB
from k5web.domain.prices.rating import MICROSECONDS
from k5web.domain.prices.sms_parts import sms_parts
from k5web.domain.prices.usage import Kind, UsageEvent
from k5web.pricelists import tables
from k5web.services.prices.dated_plans import DatedPlan
from k5web.services.prices.simulation import Line, Simulation, simulate
from tests.plan_samples import NOON, listed_rate, meter_of, plan_of, price_list
from tests.seed_figures import CIS, FIGURES, PHONES, Figure

Month = Callable[..., Simulation]  # a plan, an own number, rows of uses
Case = Callable[[Month, Decimal], None]

BYTES_PER_MB = 1024 * 1024
OUR, KIEV = "79901234567", "380441234567"
SATELLITES = ("870773111111", "881612345678", "88216211111", "79541234567")
ON, PAID_OFF = "vklyuchaysya", "vklyuchaysya:unpaid"


@pytest.fixture
def month(tmp_path: Path) -> Month:
    """Price uses of one month on a plan of K5."""

    def priced(plan: str, *rows: str, own: str = "") -> Simulation:
        file = tmp_path / "month.csv"
        file.write_text(
            "\n".join(["at,kind,to,zone,quantity,option", *(f"2026-12-01T12:00:00+03:00,{row}" for row in rows)])
        )
        return simulate(DatedPlan.alone(plan_of(plan), listed_rate), file, own)

    return priced


def only(result: Simulation) -> Line:
    [line] = result.lines
    assert line.charge is not None, line.why
    return line


def costs(plan: str, row: str, pieces: int = 1, own: str = "") -> Case:
    """One use costs the figure, or pieces of it cost as many."""

    def case(month: Month, value: Decimal) -> None:
        line = only(month(plan, row, own=own))
        assert Decimal(str(line.charge)) == value * pieces
        assert "refused" not in line.why

    return case


def fee(plan: str, what: str, row: str = "incoming,74951234567,home,60,") -> Case:
    """A month with this use has the figure as a fee."""

    def case(month: Month, value: Decimal) -> None:
        found = [Decimal(str(fee.charge)) for fee in month(plan, row).fees if fee.what == what]
        assert found == ([value] if value else [])

    return case


def ends_after(plan: str, row: str, unit: int) -> Case:
    """As many units as the figure says cost nothing; one more does, or is refused."""

    def case(month: Month, value: Decimal) -> None:
        last = int(value) * unit
        for quantity, is_given in ((last, True), (last + 1, False)):
            line = only(month(plan, row.format(quantity)))
            assert (str(line.charge) == "0.00" and "refused" not in line.why) is is_given

    return case


def both(a: str, b: str) -> Case:
    return costs("k5", f"call,{PHONES[b]},home,60,", own=PHONES[a])


def one_leg(direction: str) -> Case:
    """The figure stands in the explanation of a callback as the price of its leg."""

    def case(month: Month, value: Decimal) -> None:
        line = only(month("k5", f"call,{PHONES[direction]},home,60,", own=PHONES["Россия мобильный"]))
        assert f"60 s at {value:.2f} a minute: {value:.2f};" in line.why

    return case


def includes(plan: str, words: str) -> Case:
    """The plan says the figure in words."""

    def case(month: Month, value: Decimal) -> None:
        assert words.format(value) in plan_of(plan).includes

    return case


def people(plan: str) -> Case:
    """So many people of a PBX have a place."""

    def case(month: Month, value: Decimal) -> None:
        assert plan_of(plan).pbx_users == value

    return case


def is_(fact: Callable[[], int | None]) -> Case:
    def case(month: Month, value: Decimal) -> None:
        assert fact() == value

    return case


def free_below(plan: str, row: str) -> Case:
    def case(month: Month, value: Decimal) -> None:
        assert str(only(month(plan, row.format(value - Decimal("0.000001")))).charge) == "0.00"
        assert str(only(month(plan, row.format(value))).charge) != "0.00"

    return case


def by_minutes(plan: str, row: str) -> Case:
    """A step more costs twice as much."""

    def case(month: Month, value: Decimal) -> None:
        one, same, two = (only(month(plan, row.format(seconds))).charge for seconds in (3, value, value + 1))
        assert one == same
        assert one is not None
        assert two == one + one

    return case


def each_of(*cases: Case) -> Case:
    def case(month: Month, value: Decimal) -> None:
        for one in cases:
            one(month, value)

    return case


def one_number(plan: str) -> Case:
    """The first costs nothing, in either code; a second has no price."""

    def case(month: Month, value: Decimal) -> None:
        for first, second in (("495", "499"), ("499", "495"), ("495", "495")):
            rows = [f"service,number_{code},,1," for code in (first, second)]
            assert [str(line.charge) for line in month(plan, *rows).lines] == ["0.00", "None"]
        assert plan_of(plan).services["number_495"].most == value

    return case


def package(code: str) -> Case:
    return costs("economny", f"sms,79161234567,home,1,sms-{code}")


def _plans_of_go() -> dict[str, Case]:
    found: dict[str, Case] = {}
    for title, plan in (("GO", "go"), ("GO 100", "go-100"), ("GO 1000", "go-1000")):
        call = f"call,{PHONES['Россия моб.']},home,{{}},"
        found |= {
            f"{title}: абонентская плата в месяц": fee(plan, plan),
            f"{title}: один бесплатный номер в коде 495 или 499": one_number(plan),
            f"{title}: подарочных минут на номера России": each_of(
                ends_after(plan, call, 60), ends_after(plan, call.replace("79161234567", "74951234567"), 60)
            ),
            f"{title}: пользователей ВАТС в аккаунте": each_of(includes(plan, "{} пользователя ВАТС"), people(plan)),
            f"{title}: дополнительный пользователь ВАТС в месяц": costs(plan, "service,extra_user,,1,"),
            f"{title}: web-виджет в месяц за каждый": costs(plan, "service,web_widget,,3,", 3),
            f"{title}: запись разговоров, хранение дней": includes(plan, "Запись разговоров, хранение {} дней"),
            f"{title}: виртуальный колл-центр в месяц": costs(plan, "service,call_centre,,1,"),
        }
    return found


def _directions() -> dict[str, Case]:
    legs = [figure.words for figure in FIGURES if figure.promise == "A4"]
    found = {words: both(*words.split(" + ")) if "+" in words else one_leg(words) for words in legs}
    # A plan of the same list without gift minutes: «Профи»
    listed = ("Москва фикс.", "Санкт-Петербург фикс.", "Россия фикс.", "Россия моб.")
    return found | {name: costs("profi", f"call,{PHONES[name]},home,60,") for name in listed}


def _numbers() -> dict[str, Case]:
    codes = ("495", "499", "812", "343", "831", "863", "843")
    return {f"подключение номера в коде {code}": costs("prosto", f"service,number_{code},,1,") for code in codes} | {
        "«Просто»: общая стоимость в месяц": fee("prosto", "prosto"),
        "«Просто»: аренда АТС и номера": includes("prosto", "Аренда АТС и номера: {} ₽ в месяц"),
        "«Просто»: на разговоры": each_of(
            includes("prosto", "На разговоры: {} ₽ в месяц, на следующий месяц не переносятся"),
            lambda month, value: costs("prosto", "call,74951234567,home,18600,")(month, Decimal("201.50") - value),
        ),
        "«Просто»: входящие за минуту": costs("prosto", "incoming,74951234567,home,600,"),
        "подключение номера 8-800": costs("standard-8800", "service,number_8800,,1,"),
        "«Стандарт»: общая стоимость в месяц": fee("standard-8800", "standard-8800"),
        "«Стандарт»: аренда АТС": includes("standard-8800", "Аренда АТС: {} ₽ в месяц"),
        "«Стандарт»: аренда номера": includes("standard-8800", "Аренда номера: {} ₽ в месяц"),
        "8-800 из Москвы и Санкт-Петербурга с областями": callers("7495 7496 7498 7499 7812 7813"),
        "8-800 из Казани, Нижнего Новгорода, Челябинска": callers(
            "78432 78435 78312 783141 783142 783143 783146 73512 73517"
        ),
        "8-800 из Екатеринбурга, Новосибирска, Ростова-на-Дону, Самары": callers(
            "73432 73433 73832 73833 78632 78633 78462 78469 7846300 7846301 7846302 7846303 7846304 7846305 7846306 "
            "7846307 7846308 7846309 784630 784631 784632 784633 784634 784636 784637 784638 784639"
        ),
        "8-800 с мобильных и других российских номеров": callers(
            "7916 7978 78431 78434 78436 783140 783144 783145 783147 73511 73513 73516 73518 73431 73434 73831 73834 "
            "78631 78634 78461 78463501 784635 78468 7818 7301 7401"
        ),
        "«Профи» в месяц": fee("profi", "profi"),
        "«VIP» в месяц": fee("vip", "vip"),
    }


def callers(prefixes: str) -> Case:
    """Whoever calls from these codes costs the owner of the 8-800 number the figure a minute."""
    return each_of(
        *(
            costs("standard-8800", f"incoming,{prefix.ljust(11, end)},home,60,")
            for prefix in prefixes.split()
            for end in "09"
        )
    )


def _economny() -> dict[str, Case]:
    def call(to: str, option: str = "", zone: str = "home", kind: str = "call") -> Case:
        return costs("economny", f"{kind},{to},{zone},60,{option}")

    def sms(to: str, option: str = "", zone: str = "home") -> Case:
        return costs("economny", f"sms,{to},{zone},1,{option}")

    return {
        "ежемесячная плата": fee("economny", "economny"),
        "входящие звонки": each_of(*(call("79161234567", option, kind="incoming") for option in ("", ON, PAID_OFF))),
        "на +7 Телеком с «Включайся»": each_of(call(OUR, ON), costs("economny", f"call,{OUR},home,36000,{ON}")),
        "на +7 Телеком без «Включайся»": call(OUR),
        "на других операторов региона с «Включайся»": call("78601234567", ON),
        "на других операторов региона без «Включайся»": call("78601234567"),
        "за пределы региона без «Включайся»": each_of(call("79161234567"), call("79781234567"), call("74951234567")),
        "за пределы региона с «Включайся»": each_of(call("79161234567", ON), call("79781234567", ON)),
        "на номера Украины": each_of(call(KIEV), call(KIEV, ON)),
        "на страны СНГ, Абхазию, Грузию, Южную Осетию": each_of(*(call(f"+{number}") for number in CIS)),
        "в другие страны": each_of(call("442071234567"), call("4930123456"), call("12125550100")),
        "на спутниковые системы": each_of(*(call(f"+{number}") for number in SATELLITES)),
        "1 Мб без опций": costs("economny", f"data,,home,{25 * BYTES_PER_MB},", 25),  # 256 whole steps
        "1 Мб с «Включайся»": costs("economny", f"data,,home,{BYTES_PER_MB},{ON}"),
        "входящее SMS": costs("economny", "incoming_sms,79161234567,home,1,"),
        "SMS на +7 Телеком и мобильных операторов региона": each_of(sms(OUR), sms("region")),
        "SMS на остальных мобильных операторов России": each_of(sms("79161234567"), sms("79161234567", ON)),
        "SMS по России с пакетом 30": package("30"),
        "SMS по России с пакетом 60": package("60"),
        "SMS по России с пакетом 100": package("100"),
        "SMS на международных операторов": each_of(sms("442071234567"), sms(KIEV, "sms-30")),
        "CSD внутри сети за минуту": call(OUR, kind="csd"),
    } | _travelling() | _economny_options() | _economny_services()  # fmt: skip


def _travelling() -> dict[str, Case]:
    def use(row: str) -> Case:
        return costs("economny", row)

    near = ("78601234567", "79781234567", "73652123456", "78692123456", "78612123456")
    return {
        "в поездках: входящие": use("incoming,79161234567,russia,60,"),
        "в поездках: на +7 Телеком": each_of(
            use("call,79901234567,russia,60,"), use(f"call,79901234567,russia,60,{ON}")
        ),
        "в поездках: на операторов региона, Крыма, Севастополя, Краснодарского края": each_of(
            *(use(f"call,{number},russia,60,{option}") for number in near for option in ("", ON))
        ),
        "в поездках: на других операторов России с «Включайся»": use(f"call,79161234567,russia,60,{ON}"),
        "в поездках: на других операторов России без «Включайся»": use("call,79161234567,russia,60,"),
        "в поездках: SMS на +7 Телеком, регион, Крым, Севастополь, Краснодарский край": each_of(
            *(use(f"sms,{number},russia,1,") for number in ("79901234567", *near)),
            use("sms,79901234567,russia,1,sms-30"),  # a package holds at home only
        ),
        "в поездках: SMS на других операторов России": use("sms,79161234567,russia,1,"),
        "в поездках: интернет с «Включайся», Мб в сутки": ends_after(
            "economny", f"data,,russia,{{}},{ON}", BYTES_PER_MB
        ),
    }


def _economny_options() -> dict[str, Case]:
    region, sms = "call,78601234567,home,{},", "sms,79161234567,home,{},"
    found: dict[str, Case] = {}
    for size in ("30", "60", "100"):
        found[f"пакет {size} в месяц"] = fee("economny", f"sms-{size}", f"sms,79161234567,home,1,sms-{size}")
        found[f"SMS в пакете {size}"] = ends_after("economny", f"{sms}sms-{size}", 1)
    return found | {
        "«Включайся» в сутки": fee("economny", ON, f"call,79901234567,home,60,{ON}"),
        "минут в сутки на операторов региона": ends_after("economny", region + ON, 60),
        "с 51-й минуты": costs("economny", region.format(51 * 60) + ON),
        "Мб в сутки": ends_after("economny", f"data,,home,{{}},{ON}", BYTES_PER_MB),
        "не хватает на «Включайся»: на операторов региона": costs("economny", region.format(60) + PAID_OFF),
        "безлимитный интернет в сутки": each_of(
            fee("economny", "unlimited-internet", "data,,russia,1,unlimited-internet"),
            lambda month, value: costs("economny", f"data,,home,{10**12},unlimited-internet")(month, Decimal(0)),
        ),
    }


def _economny_services() -> dict[str, Case]:
    change = plan_of("economny").change
    idle = plan_of("economny").idle
    assert change is not None
    assert idle is not None
    return {
        "переход в тариф": is_(lambda: change.fee.minor // 100),
        "переход бесплатен через дней": is_(lambda: change.free_after_days),
        "изменение владельца": costs("economny", "service,owner_change,,1,"),
        "замена номера": costs("economny", "service,number_change,,1,"),
        "замена SIM-карты": costs("economny", "service,sim_change,,1,"),
        "блокировка в сутки": costs("economny", "service,block,,20,", 6),
        "суток блокировки бесплатно": ends_after("economny", "service,block,,{},", 1),
        "установка блокировки": costs("economny", "service,block_on,,1,"),
        "снятие блокировки": costs("economny", "service,block_off,,1,"),
        "повторное включение в течение дней": lambda month, value: costs("economny", "service,block_off,,1,")(
            month, Decimal(0 if f"{value} дней" in plan_of("economny").services["block_off"].title else -1)
        ),
        "вызовы короче секунд не тарифицируются": free_below("economny", "call,79901234567,home,{},"),
        "тарификация поминутная, секунд": by_minutes("economny", "call,79901234567,home,{},"),
        "шаг данных, Кбайт": lambda month, value: each_of(
            costs("economny", "data,,home,1,"), costs("economny", f"data,,home,{value * BYTES_PER_KB},")
        )(month, Decimal("0.49")),  # 5 * 100 / 1024
        "байт в Кбайте": is_(lambda: BYTES_PER_KB),
        "Кбайт в Мбайте": is_(lambda: KB_PER_MB),
        "не тарифицируемый объём, Кбайт": costs("economny", "data,,home,0,"),
        "символов латиницей": last_alone("z"),
        "символов кириллицей": last_alone("я"),
        "дней без платных услуг до «Старта»": is_(lambda: idle.days if idle.becomes == "start" else None),
    }


def last_alone(letter: str) -> Case:
    """A message of so many letters costs one part, of one more two."""

    def case(month: Month, value: Decimal) -> None:
        for length, charge in ((int(value), "2.50"), (int(value) + 1, "5.00")):
            row = f"sms,79161234567,home,{sms_parts(letter * length)},"
            assert str(only(month("economny", row)).charge) == charge

    return case


CASES: dict[str, Case] = {
    **_directions(),
    **_plans_of_go(),
    **_numbers(),
    **_economny(),
    "соединения короче секунд не тарифицируются": free_below("profi", "call,79161234567,home,{},"),
    "округление поминутное, секунд": by_minutes("profi", "call,79161234567,home,{},"),
}


def test_every_figure_has_a_case_and_every_case_its_figure() -> None:
    assert {figure.words for figure in FIGURES} == set(CASES)
    assert len({figure.words for figure in FIGURES}) == len(FIGURES)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: f"{figure.promise} {figure.words}")
def test_the_engine_charges_what_is_printed(figure: Figure, month: Month) -> None:
    CASES[figure.words](month, figure.value)


def test_b8_all_316_directions_are_charged_as_printed() -> None:
    """A minute to a number of each, on the plan that has the list and no gift minutes."""
    meter, table, charged = meter_of("profi"), price_list("clovertel"), {}
    for rate in table.rates():
        for digit in "0123456789":
            number = rate.prefix.ljust(12, digit)
            use = meter.rate(UsageEvent(NOON, Kind.CALL, number, 60 * MICROSECONDS), {})
            charged[use.destination] = str(use.charge)
    assert charged == tables.printed_prices()
    assert len(charged) == 316


def test_b7_gift_minutes_go_to_the_four_russian_directions_and_nowhere_else() -> None:
    groups = plan_of("go").groups
    given = {
        rate.destination
        for rate in price_list("clovertel").rates()
        if groups.group_of(rate.prefix.ljust(11, "0")) == "russia"
    }
    assert given == {"Москва фикс.", "Санкт-Петербург фикс.", "Россия фикс.", "Россия моб."}


def test_e3_e4_e5_the_codes_of_a_phone_are_as_printed() -> None:
    plan = plan_of("economny")
    printed = {code: (option.ussd_on, option.ussd_off) for code, option in plan.options.items() if option.ussd_on}
    assert printed == {
        "sms-30": ("*509*30#", "*509*0#"),
        "sms-60": ("*509*60#", "*509*0#"),
        "sms-100": ("*509*100#", "*509*0#"),
        "unlimited-internet": ("*525*1#", "*525*2#"),
    }
    assert plan.ussd == "*800*2#"
    assert {"Запрос баланса: *100#", "Остаток SMS в пакете: *100*1#"} <= set(plan.includes)
