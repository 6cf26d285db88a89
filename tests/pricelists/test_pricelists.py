"""The price lists as data: CloverTel's 316 destinations (B8), K5's tens of thousands of prices (A4, A5)."""

import csv
import hashlib
import re
import unicodedata
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from k5web.pricelists import clovertel, make, path, patterns, tables

# Base row and mobile row of every country that has both; Karabakh, with no code of its own, stands below.
MOBILE_ROWS = """
AD Андорра|Андорра моб.
AL Албания|Албания моб.
AM Армения|Армения моб.
AR Аргентина|Аргентина моб.
AT Австрия|Австрия моб. + спец. сервисы
AU Австралия|Австралия моб.
AZ Азербайджан|Азербайджан моб.
BA Босния и Герцеговина|Босния и Герцеговина моб.
BE Бельгия|Бельгия моб.
BR Бразилия|Бразилия моб.
CH Швейцария|Швейцария моб.
CN Китай|Китай моб.
CY Кипр|Кипр моб.
CZ Чехия|Чехия моб.
DE Германия|Германия моб. + прем. сервисы
DZ Алжир|Алжир моб.
EE Эстония|Эстония моб. + премиум + спецсервисы
EG Египет|Египет моб.
ES Испания|Испания моб.
FI Финляндия|Финляндия моб.
FR Франция|Франция моб.
GB Великобритания|Великобритания моб.
GR Греция|Греция моб.
HR Хорватия|Хорватия моб.
HU Венгрия|Венгрия моб.
IE Ирландия|Ирландия моб.
IL Израиль|Израиль моб.
IS Исландия|Исландия моб.
IT Италия|Италия моб.
JP Япония|Япония моб.
KR Корея Южная|Корея Южная моб.
KZ Казахстан|Казахстан моб.
LV Латвия|Латвия моб. + премиум + спецсервисы
ME Черногория|Черногория моб.
MK Македония|Македония моб.
MT Мальта|Мальта моб.
NL Нидерланды|Нидерланды моб.
NO Норвегия|Норвегия моб.
NZ Новая Зеландия|Новая Зеландия моб.
PE Перу|Перу моб.
PL Польша|Польша моб.
PT Португалия|Португалия моб.
RO Румыния|Румыния моб.
RS Сербия|Сербия моб.
RU Россия фикс.|Россия моб.
SE Швеция|Швеция моб.
SI Словения|Словения моб. + спец. сервисы
SK Словакия|Словакия моб.
TH Таиланд|Таиланд моб.
TR Турция|Турция моб.
TW Тайвань|Тайвань моб.
UA Украина|Украина моб.
VE Венесуэла|Венесуэла моб.
"""

# Numbers of our own, where an example of the metadata does not reach the row or does not tell enough.
OWN_NUMBERS = {
    "+74951234567": "Москва фикс.",
    "+74991234567": "Москва фикс.",
    "+74981234567": "Россия фикс.",
    "+78121234567": "Санкт-Петербург фикс.",
    "+73432123456": "Россия фикс.",
    "+79037976171": "Россия моб.",
    "+73362212345": "Байконур",
    "+79971234567": "Выделенные сети (АСВТ, ИСКА, Газтелеком)",
    "+79009001234": "Выделенные сети (АСВТ, ИСКА, Газтелеком)",
    "+79584591234": "Выделенные сети (АСВТ, ИСКА, Газтелеком)",
    "+79541011234": "Выделенная сеть Глобалтел",
    "+79541021234": "Выделенная сеть Иридиум",
    "+881621234567": "Выделенная сеть Иридиум",
    "+883140123456": "МТТ Global Networks",
    "+88351201234567": "МТТ Global Networks",
    "+883510012345678": "Voxbone Global Networks",
    "+870773123456": "Спутниковые сети",
    "+8821612345678": "Спутниковые сети",
    "+881841234567": "Спутниковые сети",
    "+78402261234": "Абхазия",
    "+79407123456": "Абхазия",
    "+78501234567": "Южная Осетия, моб.",
    "+79298091234": "Южная Осетия, моб.",
    "+995344123456": "Южная Осетия, моб.",
    "+79281234567": "Россия моб.",
    "+37447123456": "Нагорный Карабах",
    "+37497123456": "Нагорный Карабах моб.",
    "+672112345": "Антарктика",
    "+672322345": "Норфолк о-в",
    "+390669812345": "Ватикан",
    "+390612345678": "Италия",
    "+262269601234": "Коморские и Майотт о-ва",
    "+262639123456": "Коморские и Майотт о-ва",
    "+2693212345": "Коморские и Майотт о-ва",
    "+262262161234": "Реюньон о-в",
    "+972592123456": "Израиль Палестинская национальная автономия",
    "+97222345678": "Израиль Палестинская национальная автономия",
    "+97221234567": "Израиль",
    "+970599123456": "Палестина",
    "+77172123456": "Казахстан",
    "+77602123456": "Казахстан альтернативные сети",
    "+16002012345": "Канада ИСС",
    "+18677661234": "Канада Северо-Западные территории",
    "+14162345678": "Канада",
    "+12123456789": "США",
    "+19072345678": "США Аляска",
    "+18082345678": "США Гавайские о-ва",
    "+17872345678": "Пуэрто-Рико",
    "+19392345678": "Пуэрто-Рико",
    "+17215425678": "Синт-Мартен",
    "+59995181234": "Антильские о-ва (Нидерланды)",
    "+33640001234": "Франция Globalstar",
    "+358401234567": "Финляндия моб. Telia/Sonera",
    "+358442345678": "Финляндия моб.",
    "+61147101234": "Австралия Global Satellite Mobile",
    "+447781123456": "Великобритания моб.",
    "+441481256789": "Великобритания",
    "+443003456789": "Великобритания",
    "+211977123456": "Судан, Южный Судан",
    "+4520123456": "Дания моб.",
    "+4593123456": "Дания моб.",
    "+4533123456": "Дания",
    "+5215512345678": "Мексика моб.",
    "+525512345678": "Мексика моб.",
    "+525556581111": "Мексика",
}

A4_SUMS = [
    ("+79037976171", "+74952121562", "2.20"),
    ("+79161234567", "+73433123456", "2.27"),
    ("+74991234567", "+73432123456", "0.97"),
    ("+78612123456", "+78432123456", "1.90"),
    ("+79991234567", "+77172123456", "2.01"),
    ("+79037976171", "+79281234567", "3.50"),
    ("+73432123456", "+77172701234", "0.78"),
    ("+78462123456", "+35929876543", "3.07"),
]


@cache
def deck(name: str) -> dict[str, dict[str, str]]:
    with path(name).open(encoding="utf-8", newline="") as file:
        return {row["prefix"]: row for row in csv.DictReader(file)}


def find(name: str, number: str) -> dict[str, str]:
    digits = number.removeprefix("+")
    prefixes = (digits[:length] for length in range(len(digits), 0, -1))
    return next((deck(name)[prefix] for prefix in prefixes if prefix in deck(name)), {})


def example(region: str, kind: int) -> str:
    number = phonenumbers.example_number_for_type(region, kind)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else ""


def test_b8_the_printed_list_is_transcribed_row_by_row() -> None:
    with Path(tables.FOLDER, "clovertel_prices.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    printed = "\n".join(f"{row['printed']}\t{row['per_minute'].replace('.', ',')}" for row in rows)
    assert [row["row"] for row in rows] == [str(number) for number in range(1, 317)]
    assert hashlib.sha256(printed.encode()).hexdigest() == (
        "a8dc0efea31f491522e6ce56cdcb90daa608e69de77aa772c1d81c66b8ddd1be"  # of the printed list itself
    )
    prices = tables.printed_prices()
    assert sum(map(Decimal, prices.values())) == Decimal("7896.17")
    assert prices["Москва фикс."] == "0.65"
    assert prices["Спутниковые сети"] == "750.00"
    assert prices["Нагорный Карабах моб."] == "11.00"
    assert prices["Япония моб."] == "4.70"


def test_b8_the_deck_has_all_316_destinations_at_the_printed_prices() -> None:
    prices = tables.printed_prices()
    assert len(prices) == 316
    assert {row["destination"]: row["per_minute"] for row in deck("clovertel").values()} == prices
    assert {row["currency"] for row in deck("clovertel").values()} == {"RUB"}


@pytest.mark.parametrize("name", ["clovertel", "k5"])
def test_b8_no_prefix_stands_twice(name: str) -> None:
    with path(name).open(encoding="utf-8", newline="") as file:
        prefixes = [row["prefix"] for row in csv.DictReader(file)]
    assert [prefix for prefix, times in Counter(prefixes).items() if times > 1] == []
    assert all(re.fullmatch(r"[1-9]\d{0,14}", prefix) for prefix in prefixes)


@pytest.mark.parametrize("line", MOBILE_ROWS.strip().splitlines())
def test_b8_mobile_numbers_have_the_mobile_row_and_fixed_numbers_the_base_row(line: str) -> None:
    region, rows = line.split(" ", 1)
    base, mobile = rows.split("|")
    prices = tables.printed_prices()
    for kind, destination in ((PhoneNumberType.FIXED_LINE, base), (PhoneNumberType.MOBILE, mobile)):
        found = find("clovertel", example(region, kind))
        assert (found["destination"], found["per_minute"]) == (destination, prices[destination])


def test_b8_every_mobile_row_of_the_list_is_walked() -> None:
    walked = {line.split("|")[1] for line in MOBILE_ROWS.strip().splitlines()} | set(OWN_NUMBERS.values())
    assert {name for name in tables.printed_prices() if "моб" in name} - walked == {
        "Швейцария, моб., special services"  # its numbers are special services: 84x, 90x, 878, 74x
    }


@pytest.mark.parametrize(("number", "destination"), OWN_NUMBERS.items())
def test_b8_odd_rows_are_reached_by_their_numbers(number: str, destination: str) -> None:
    assert find("clovertel", number)["destination"] == destination


def test_b8_every_row_is_reached_by_a_real_number() -> None:
    reached = set(OWN_NUMBERS.values())
    for region in phonenumbers.SUPPORTED_REGIONS:
        for kind in PhoneNumberType.values():
            number = example(region, kind)
            if number:
                reached.add(find("clovertel", number).get("destination", ""))
    assert set(tables.printed_prices()) - reached == set()


def test_b8_every_prefix_can_be_explained() -> None:
    entries = clovertel.deck()
    assert {prefix: entry.destination for prefix, entry in entries.items()} == {
        prefix: row["destination"] for prefix, row in deck("clovertel").items()
    }
    assert all(entry.why and len(entry.direction.source) > 10 for entry in entries.values())
    assert make.explain("Россия моб.", entries) == [
        "+79 «Россия моб.»: phonenumbers metadata, kinds RU mobile; phonenumbers metadata: patterns of the named kinds"
    ]
    assert "within «Финляндия моб.»" in make.explain("+358401234567", entries)[0]
    assert "range +1876 of one country" in make.explain("+18765551234", entries)[0]
    assert "carrier table: Telia" in make.explain("+358401234567", entries)[0]


@pytest.mark.parametrize(("a_number", "b_number", "printed"), A4_SUMS)
def test_a4_printed_sums_come_out_to_the_kopeck(a_number: str, b_number: str, printed: str) -> None:
    legs = [find("k5", number)["per_minute"] for number in (a_number, b_number)]
    assert sum(map(Decimal, legs)) == Decimal(printed)


def test_a4_the_leaflet_prices_hold_for_its_directions_only() -> None:
    other = {
        (row["destination"].split(" мобильный")[0], row["per_minute"])
        for prefix, row in deck("k5").items()
        if row["per_minute"] != find("clovertel", prefix)["per_minute"]
    }
    assert other == {
        ("Россия", "1.75"),
        ("Россия, Москва городской", "0.45"),
        ("Россия, Екатеринбург городской", "0.52"),
        ("Россия, Краснодар городской", "0.91"),
        ("Россия, Казань городской", "0.99"),
        ("Россия, Самара городской", "0.99"),
        ("Казахстан, Астана городской", "0.26"),
        ("Болгария, София городской", "2.08"),
    }
    assert find("k5", "+74981234567")["per_minute"] == "1.69"
    assert find("k5", "+78121234567")["per_minute"] == "0.65"
    assert find("k5", "+79407123456")["per_minute"] == "19.00"


def test_a5_the_list_holds_tens_of_thousands_of_directions() -> None:
    assert 20_000 <= len(deck("k5")) < 70_000
    assert len({row["destination"] for row in deck("k5").values()}) > 20_000
    assert len({row["destination"].split(" ")[0].rstrip(",") for row in deck("k5").values()}) > 200


def test_a5_every_direction_is_named_in_russian() -> None:
    kinds = re.compile("городской|мобильный|услуги|вызова|оплатой|телефония|номер|пейджер|спутн|сет[иь]|ИСС")
    for row in deck("k5").values():
        name = row["destination"]
        assert kinds.search(name), name
        assert re.match("[А-ЯЁМТ]|Voxbone", name), name
        assert name == " ".join(name.split()), name
        alphabets = {unicodedata.name(letter).split()[0] for letter in name if letter.isalpha()}
        assert "CYRILLIC" in alphabets, name
        assert alphabets <= {"CYRILLIC", "LATIN", "MODIFIER", "FEMININE", "MASCULINE"}, name


def test_a5_names_tell_country_kind_place_and_operator() -> None:
    assert find("k5", "+74951234567")["destination"] == "Россия, Москва городской"
    assert find("k5", "+79037976171")["destination"] == "Россия мобильный, Билайн"
    assert find("k5", "+78432123456")["destination"] == "Россия, Казань городской"
    assert find("k5", "+78552123456")["destination"] == "Россия, Республика Татарстан городской"
    assert find("k5", "+375171234567")["destination"] == "Беларусь, Минск городской"
    assert find("k5", "+4930123456")["destination"] == "Германия, Берлин городской"
    assert find("k5", "+447781123456")["destination"] == "Гернси мобильный, Sure"
    assert find("k5", "+881621234567")["destination"] == "Иридиум спутниковый"


def test_a5_every_price_is_clovertels_or_the_leaflets() -> None:
    leaflet = {city.prefix: city.per_minute for city in tables.leaflet_cities()}
    for prefix, row in deck("k5").items():
        theirs = find("clovertel", prefix)
        if theirs["destination"] == "Россия моб.":
            expected = "1.75"
        else:
            city = next((leaflet[prefix[:n]] for n in (5, 4) if prefix[:n] in leaflet), None)
            expected = city or theirs["per_minute"]
        assert row["per_minute"] == expected, prefix
        assert re.fullmatch(r"\d+\.\d\d", row["per_minute"])


def test_a5_no_boundary_of_clovertels_list_is_lost() -> None:
    assert deck("clovertel").keys() - deck("k5").keys() == set()


def test_the_lists_are_what_the_script_makes(tmp_path: Path) -> None:
    assert make.main(["--check"]) == 0
    assert make.main(["--check", "--into", str(tmp_path)]) == 1


@pytest.mark.parametrize(
    ("pattern", "numbers", "others"),
    [
        (r"(?:2[0-36]|7)\d{2,3}", ["2012", "26345", "723"], ["2412", "20", "263456"]),
        (r"9(?:1\d?|[4-6])", ["91", "912", "95"], ["9", "97", "9123"]),
    ],
)
def test_patterns_accept_what_expressions_match(pattern: str, numbers: list[str], others: list[str]) -> None:
    automaton = patterns.Automaton(pattern)
    for number in numbers + others:
        state = automaton.start
        for digit in number:
            state = automaton.step(state, digit)
        assert automaton.accepting[state] == bool(re.fullmatch(pattern, number)) == (number in numbers)


def test_patterns_of_unknown_syntax_are_refused() -> None:
    with pytest.raises(ValueError, match="unexpected"):
        patterns.parse("1+2")


def test_prefixes_end_where_the_kind_is_certain() -> None:
    automata = [patterns.Automaton(r"7[0-4]\d"), patterns.Automaton(r"75\d|8\d\d")]
    labels = ["mobile", "fixed"]
    found = patterns.split(automata, lambda said: labels[said.index(True)] if any(said) else None, depth=3)
    assert found == {"70": "mobile", "71": "mobile", "72": "mobile", "73": "mobile", "74": "mobile"} | {
        "75": "fixed",
        "8": "fixed",
    }
