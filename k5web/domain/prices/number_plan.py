"""Whose a prefix is: the countries of the numbering plan, and how their people write numbers at home."""

from collections.abc import Iterator, Mapping
from functools import cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

NANP = "1"
_NANP_AREA = 3  # digits; shared by the plan's countries in whole area codes

# What people put before a number that stays in their country, and out of it. Source: ITU-T, «Dialling procedures»
_BY_AGREEMENT = {"76": "KZ"}  # of Russia and Kazakhstan, 17.06.2006: beside the leading 7 of the metadata
_OF_THE_SAME_STATE = frozenset({"IM", "SJ", "TA", "AX"})  # as the main country of their code
_WAYS_OUT = ("810", "00", "011")
_RUSSIAN_TRUNK = "8"
_RUSSIA = "7"
_RUSSIAN_CODES = ("3", "4", "8", "9")  # how the codes of its towns and mobile networks begin


def country_code(digits: str) -> str:
    """Return the country code these digits begin with, or nothing where no country has one."""
    return next((digits[:n] for n in (1, 2, 3) if digits[:n].isdigit() and int(digits[:n]) in _codes()), "")


def regions(prefix: str) -> frozenset[str]:
    """Return the countries (ISO 3166) that have numbers under a prefix; empty where the plan has none."""
    code = country_code(prefix)
    if not code:
        return frozenset()
    owner = next((region for lead, region in borrowed_ranges().items() if prefix.startswith(lead)), None)
    if owner is not None:
        return frozenset((owner,))
    elsewhere = {region for lead, region in borrowed_ranges().items() if not lead.startswith(prefix)}
    return frozenset(_codes()[int(code)]) - elsewhere


@cache
def borrowed_ranges() -> Mapping[str, str]:
    """Return the ranges of shared country codes that belong to another than the main country, with that country.

    Only ranges that the metadata name by their leading digits, such as the area codes of the Caribbean under +1, and
    none of islands that belong to the state of the main country.
    """
    found = dict(_BY_AGREEMENT)
    for code, owners in _codes().items():
        for region in owners[1:]:
            metadata = PhoneMetadata.metadata_for_region(region, None)
            for lead in _alternatives(metadata.leading_digits if metadata else None):
                is_range = str(code) != NANP or len(lead) == _NANP_AREA
                if is_range and region not in _OF_THE_SAME_STATE:
                    found[f"{code}{lead}"] = region
    return found


def home_forms(prefix: str) -> Iterator[str]:
    """Yield what a prefix would be with its country code, if it is written as it is dialled in Russia."""
    for way_out in _WAYS_OUT:
        if prefix.startswith(way_out) and len(prefix) > len(way_out):
            yield prefix.removeprefix(way_out)
    if prefix.startswith(_RUSSIAN_TRUNK) and len(prefix) > 1:
        yield f"{_RUSSIA}{prefix[1:]}"
    if prefix.startswith(_RUSSIAN_CODES):
        yield f"{_RUSSIA}{prefix}"


def _codes() -> Mapping[int, tuple[str, ...]]:
    codes: Mapping[int, tuple[str, ...]] = COUNTRY_CODE_TO_REGION_CODE
    return codes


def _alternatives(pattern: str | None) -> list[str]:
    """Return the plain digits that a pattern of leading digits offers; what is no plain digits is left out."""
    found = (pattern or "").split("|")
    expanded = [f"{part[0]}{middle}{part[-1]}" for part in found for middle in _class_of(part)] + found
    return [part for part in expanded if part.isdigit()]


def _class_of(part: str) -> str:
    """Return the digits of the one class inside a part such as `8[024]9`."""
    return part[2:-2] if part[1:2] == "[" and part[-2:-1] == "]" else ""
