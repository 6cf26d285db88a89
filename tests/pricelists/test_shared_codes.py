"""Country codes that several countries share: a range costs its owner's price, what nobody owns has none."""

from collections.abc import Iterator

import phonenumbers
import pytest

from k5web.domain.calls.risk import Risk, call_risk, leg_risk
from k5web.domain.money import Price
from k5web.domain.prices.rating import Quote, Rate
from k5web.pricelists import kinds, tables
from tests.pricelists.test_pricelists import deck, find

# Area codes of the North American Numbering Plan by the destinations of the printed list. Source: the plan's own list
NANP_AREAS = {
    "Американское (Восточное) Самоа": "684",
    "Ангилья": "264",
    "Антигуа и Барбуда": "268",
    "Багамы": "242",
    "Барбадос": "246",
    "Бермудские о-ва": "441",
    "Виргинские о-ва (Британские)": "284",
    "Виргинские о-ва (США)": "340",
    "Гренада": "473",
    "Гуам": "671",
    "Доминика": "767",
    "Доминиканская Республика": "809 829 849",
    "Каймановы о-ва": "345",
    "Монтсерат": "664",
    "Пуэрто-Рико": "787 939",
    "Северные Марианские о-ва": "670",
    "Сент-Винсент и Гренадины": "784",
    "Сент-Китс и Невис о-в": "869",
    "Сент-Люсия о-в": "758",
    "Синт-Мартен": "721",
    "Тёркс и Кайкос о-ва": "649",
    "Тринидад и Тобаго": "868",
    "Ямайка": "658 876",
    "США Аляска": "907",
    "США Гавайские о-ва": "808",
    "Канада Северо-Западные территории": "867",
    "Канада ИСС": "600 622 633 644 655 677 688",
    "Канада": "204 226 236 249 250 289 306 343 354 365 367 368 382 403 416 418 428 431 437 438 450 468 474 506 514"
    " 519 548 579 581 584 587 604 613 639 647 672 683 705 709 742 753 778 780 782 807 819 825 873 879 902 905 942",
}
OWNERS = {area: name for name, areas in NANP_AREAS.items() for area in areas.split()}
OF_NOBODY = [
    "200",
    "211",
    "411",
    "456",
    "500",
    "521",
    "533",
    "555",
    "700",
    "710",
    "800",
    "833",
    "888",
    "900",
    "911",
    "976",
    "982",
]

# Ranges of the other shared codes by the printed list's destinations, kinds aside
RANGES = {
    "Россия": "73 74 78 79",
    "Казахстан": "76 77",
    "Абхазия": "7840 7940",
    "Реюньон": "262262 262263 262692 262693",
    "Коморские": "262269 262639 2622689 2627093",
    "Италия": "3901 3902 39061 39062 393",
    "Ватикан": "3906698",
    "Великобритания": "441 442 443 445 447 448 449 441481 441534 441624 447781 447624",
    "Норвегия": "472 473 474 475 476 479 4779",
    "Австралия": "612 613 614 617 618 61891006",
    "Марокко": "2125 2126 2127 2128 2125288 2125289",
    "Святой": "2902 2905 2906 2908",
    "Финляндия": "3582 3583 3584 3585 3588 3589 35818",
    "Гваделупа": "59059 590690 59059027",
    "Антильские": "5993 5994 5997 5999",
}
GAPS = [
    "70",
    "71",
    "72",
    "75",
    "1982",
    "1211",
    "444",
    "446",
    "471",
    "615",
    "2121",
    "2623",
    "2901",
    "5991",
    "5992",
    "5995",
]

DECKS = pytest.mark.parametrize("name", ["clovertel", "k5"])


def numbers_of(area: str) -> Iterator[str]:
    """Yield a number of each of the 800 exchanges of an area code."""
    return (f"1{area}{exchange}4567" for exchange in range(200, 1000))


@DECKS
def test_b8_each_exchange_of_a_nanp_area_code_costs_its_owners_price(name: str) -> None:
    prices = tables.printed_prices()
    for area, owner in OWNERS.items():
        found = {find(name, number).get("per_minute") for number in numbers_of(area)}
        assert found == {prices[owner]}, f"+1 {area} is {owner}"


@DECKS
def test_b8_no_row_of_the_nanp_has_another_price_than_its_area_code(name: str) -> None:
    prices = tables.printed_prices()
    rows = {prefix: row for prefix, row in deck(name).items() if prefix.startswith("1")}
    assert min(map(len, rows)) == len("1876"), "a shorter row would reach into area codes of others"
    for prefix, row in rows.items():
        assert row["per_minute"] == prices[OWNERS.get(prefix[1:4], "США")], prefix


def test_every_exchange_of_a_dear_country_is_a_costly_direction() -> None:
    own = Rate("79", "Россия мобильный", Price.parse("1.75", "RUB"))
    for area in ("264", "268", "242", "246", "284", "345", "473", "658", "664", "758", "767", "784", "876", "869"):
        for number in list(numbers_of(area))[::20]:  # the price is one for all of them, by the test above
            row = find("k5", number)
            rate = Rate(row["prefix"], row["destination"], Price.parse(row["per_minute"], "RUB"))
            risks = [Risk.ORDINARY, leg_risk(number, rate, ())]
            assert call_risk(Quote("79161234567", number, own, rate), risks) is not Risk.ORDINARY, number


@DECKS
@pytest.mark.parametrize("area", OF_NOBODY)
def test_b8_area_codes_of_no_country_have_no_price(name: str, area: str) -> None:
    assert not any(find(name, number) for number in numbers_of(area))


def test_b8_the_metadata_know_each_area_code_of_the_plan() -> None:
    known = {prefix.removeprefix("1") for prefix in kinds.owners(kinds.NANP, lambda region: region)}
    assert OWNERS.keys() - known == set(NANP_AREAS["Канада ИСС"].split())  # service codes: named by the list alone
    assert not known.intersection(OF_NOBODY)


@DECKS
@pytest.mark.parametrize(("owner", "prefix"), [(owner, p) for owner, listed in RANGES.items() for p in listed.split()])
def test_b8_a_range_of_a_shared_code_costs_its_owners_price_in_every_part(name: str, owner: str, prefix: str) -> None:
    inner = {owner} | {other for other, listed in RANGES.items() for p in listed.split() if p.startswith(prefix)}
    inner |= {"Москва", "Санкт-Петербург", "Байконур", "Выделенн", "Южная Осетия"} if owner == "Россия" else set()
    theirs = {deck("clovertel")[p]["per_minute"] for p in deck("clovertel") if is_of(p, inner)}
    theirs |= {"1.75", "0.45", "0.52", "0.91", "0.99", "0.26"} if name == "k5" and prefix.startswith("7") else set()
    for rest in range(1000):
        row = find(name, f"{prefix}{rest:03d}55555"[:14])
        assert row, f"{prefix}{rest:03d} of {owner} has no price"
        assert row["per_minute"] in theirs, (prefix, rest, row)


def is_of(prefix: str, owners: set[str]) -> bool:
    return deck("clovertel")[prefix]["destination"].startswith(tuple(owners))


@DECKS
@pytest.mark.parametrize("prefix", GAPS)
def test_b8_a_range_of_no_country_has_no_price(name: str, prefix: str) -> None:
    assert not any(find(name, f"{prefix}{rest:03d}555555"[:12]) for rest in range(1000))


@DECKS
@pytest.mark.parametrize(
    "region", sorted(r for c in kinds.country_codes() if kinds.is_shared(c) for r in kinds.country_codes()[c])
)
def test_b8_example_numbers_of_a_region_never_cost_a_neighbours_price(name: str, region: str) -> None:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    assert metadata is not None
    for kind in phonenumbers.PhoneNumberType.values():
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None or phonenumbers.region_code_for_number(number) != region:
            continue
        digits = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]
        area = OWNERS.get(digits[1:4], "США") if digits.startswith("1") else ""
        row = find(name, digits)
        assert row == {} or not area or row["per_minute"] == tables.printed_prices()[area], (digits, row)
