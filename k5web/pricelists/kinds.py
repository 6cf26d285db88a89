"""What kinds of numbers a country code holds, and under which prefixes, by the phonenumbers metadata."""

from collections.abc import Callable, Sequence
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata

from k5web.pricelists.patterns import Automaton, Label, split

FIXED, MOBILE, BOTH = "fixed", "mobile", "both"
# In the order in which the phonenumbers package decides; voicemail boxes inside mobile ranges are not apart.
SPECIAL = {
    "premium": "premium_rate",
    "toll_free": "toll_free",
    "shared": "shared_cost",
    "voip": "voip",
    "personal": "personal_number",
    "pager": "pager",
    "uan": "uan",
}
ORDINARY = {FIXED: "fixed_line", MOBILE: "mobile"}
DEPTH = 7  # digits of the national number; the ranges of the plans are not finer than that
NANP = "1"  # the North American Numbering Plan gives whole area codes to countries; its 800, 900, 5XX belong to none
AREA_DIGITS = {NANP: 3}  # how long the ranges are that a plan gives to countries; elsewhere one digit or more


@cache
def country_codes() -> dict[str, tuple[str, ...]]:
    """Return every country code with its regions, the main one first; "001" stands for no country at all."""
    return {str(code): regions for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()}


def country_code_of(number: str) -> str:
    """Return the country code a prefix or number begins with, or an empty string."""
    return next((number[:n] for n in (1, 2, 3) if number[:n] in country_codes()), "")


def prefixes(code: str, label: Callable[[str, str], Label], depth: int = DEPTH) -> dict[str, Label]:
    """Return the prefixes of a country code, with the code, under which `label(region, kind)` is one."""
    automata: list[Automaton] = []
    rules: list[tuple[str, int | None, dict[str, int]]] = []

    def add(pattern: str) -> int:
        automata.append(Automaton(pattern))
        return len(automata) - 1

    for region in country_codes()[code]:
        metadata = _metadata(code, region)
        leading = add(_leading(metadata)) if metadata.leading_digits else None
        kinds: dict[str, int] = {}
        for kind, field in (SPECIAL | ORDINARY).items():
            description = getattr(metadata, field)
            if description is not None and description.national_number_pattern:
                kinds[kind] = add(description.national_number_pattern)
        rules.append((region, leading, kinds))

    def finished(accepted: Sequence[bool]) -> Label | None:
        for region, leading, kinds in rules:
            if leading is not None and not accepted[leading]:
                continue
            kind = _kind({name for name, at in kinds.items() if accepted[at]})
            if kind is not None:
                return label(region, kind)
        return None

    return {code + prefix: what for prefix, what in split(automata, finished, depth).items()}


def is_shared(code: str) -> bool:
    """Return whether several countries have numbers under this country code."""
    return len(country_codes().get(code, ())) > 1


def owners(code: str, label: Callable[[str], Label]) -> dict[str, Label]:
    """Return the ranges of a shared country code, with the code, under which all numbers are of one `label(region)`.

    A range is a country's whatever the kind of its numbers, and also where no number is known in it. What the plan
    gives to no country is in no range.
    """
    automata: list[Automaton] = []
    claims: list[tuple[str, list[int]]] = []
    for region in country_codes()[code]:
        patterns = _claims(code, _metadata(code, region))
        claims.append((region, list(range(len(automata), len(automata) + len(patterns)))))
        automata += map(Automaton, patterns)

    def finished(accepted: Sequence[bool]) -> Label | None:
        region = next((region for region, places in claims if any(accepted[at] for at in places)), None)
        return None if region is None else label(region)

    ranges = split(automata, finished, DEPTH, least=AREA_DIGITS.get(code, 1))
    return {code + prefix: what for prefix, what in ranges.items()}


def _claims(code: str, metadata: PhoneMetadata) -> list[str]:
    """Return the patterns of the numbers that a region has, by its leading digits where the metadata name them."""
    if metadata.leading_digits and code != NANP:
        return [_leading(metadata)]
    fields = ORDINARY if code == NANP else SPECIAL | ORDINARY
    described = (getattr(metadata, field) for field in fields.values())
    return [found.national_number_pattern for found in described if found and found.national_number_pattern]


def _leading(metadata: PhoneMetadata) -> str:
    return f"(?:{metadata.leading_digits})\\d{{0,15}}"


def _kind(matching: set[str]) -> str | None:
    special = next((kind for kind in SPECIAL if kind in matching), None)
    if special is not None or not matching:
        return special
    return BOTH if len(matching) == 2 else matching.pop()


def _metadata(code: str, region: str) -> PhoneMetadata:
    found = (
        PhoneMetadata.metadata_for_nongeo_region(int(code), None)
        if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY
        else PhoneMetadata.metadata_for_region(region, None)
    )
    if found is None:
        raise LookupError(f"no metadata for +{code} {region}")
    return found
