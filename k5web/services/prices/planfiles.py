"""Plan files: read, checked whole, each mistake named with its line and with what may have been meant."""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from k5web.domain.prices.deck_cells import WrongCell, parse_prefixes
from k5web.domain.prices.plan import NO_GROUPS, DirectionGroup, GroupSet, Plan
from k5web.domain.prices.plan_cells import find_faults
from k5web.domain.prices.prefix_table import PrefixTable
from k5web.domain.prices.usage import Kind, is_code
from k5web.errors import WrongFile, WrongPlan
from k5web.services.prices.plan_values import (
    AllowanceTable,
    CallingTable,
    ChangeTable,
    FeeTable,
    GroupSetTable,
    GroupTable,
    IdleTable,
    OptionTable,
    PlanTable,
    RateTable,
    ServiceTable,
    WrongValue,
    code_of,
)

LARGEST = 256 * 1024  # bytes
MOST_FAULTS = 50  # named at once
FindsGroups = Callable[[str], GroupSet | None]

_HEADING = re.compile(r"\s*\[{1,2}\s*([A-Za-z_]+)\s*\]{1,2}")
_AT = re.compile(r" - at `\$\.?(.*)`")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_MISSING = re.compile(r"missing required field `([^`]*)`")

Table = TypeVar("Table", bound=msgspec.Struct)


class _HasValue(Protocol):
    def value(self, currency: str) -> Any:
        """Return what the table means. Raises: WrongValue."""


@dataclass(frozen=True, slots=True)
class PlanFault:
    """A mistake in a plan file. `line` counts from 1; 0 where it stands in no one line."""

    line: int
    words: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.words}" if self.line else self.words


@dataclass(slots=True)
class _Reading:
    """The text of a file and the mistakes found so far."""

    file: str
    text: str
    faults: list[PlanFault] = field(default_factory=list)

    def fault(self, words: str, table: str = "", n: int = 0, key: str = "") -> None:
        self.faults.append(PlanFault(self.line_of(table, n, key), words))

    def line_of(self, table: str, n: int, key: str = "") -> int:
        """Return the line of a key in the n-th table of this name, counted from 1; else of the table's heading."""
        lines = self.text.splitlines()
        heads = [(at, match[1]) for at, line in enumerate(lines) if (match := _HEADING.match(line))]
        own = [at for at, name in heads if name == table]
        start = own[n - 1] + 1 if 0 < n <= len(own) else 0
        end = next((at for at, _ in heads if at >= start), len(lines))
        found = next((at for at in range(start, end) if key and lines[at].split("=")[0].strip() == key), None)
        return found + 1 if found is not None else start

    def refuse(self) -> None:
        """Raises: WrongPlan where a mistake was found."""
        if self.faults:
            raise WrongPlan(file=self.file, faults=len(self.faults), found=tuple(self.faults[:MOST_FAULTS]))


def read_text(path: Path) -> str:
    """Return the text of a plan file. Raises: WrongFile."""
    try:
        content = path.read_bytes()[: LARGEST + 1]
        if len(content) > LARGEST:
            raise WrongFile(file=path.name, reason=f"the file is larger than {LARGEST // 1024} KB: no plan is")
        return content.decode("utf-8").replace("\r\n", "\n")
    except OSError as error:
        raise WrongFile(file=str(path), reason=(error.strerror or "cannot be read").lower()) from error
    except UnicodeDecodeError as error:
        raise WrongFile(file=path.name, reason="the file is not UTF-8 text") from error


def read_groups(folder: Path) -> FindsGroups:
    """Return what finds the direction groups that lie in a folder, each file under its own name."""

    @cache
    def find(code: str) -> GroupSet | None:
        path = folder / f"{code}.toml"
        return parse_groups(path.name, read_text(path)) if is_code(code) and path.is_file() else None

    return find


def parse_plan(file: str, text: str, find_groups: FindsGroups) -> Plan:
    """Return the plan that a file describes. Raises: WrongPlan (facts: file, faults, found), WrongFile."""
    reading = _Reading(file, text)
    written = _convert(reading, PlanTable, _toml(reading))
    if written is None:
        reading.refuse()
    assert written is not None
    plan = _plan(reading, written, find_groups)
    reading.refuse()
    _check_names(reading, plan)
    reading.refuse()
    for fault in find_faults(plan):
        kind, _, n = fault.rule.partition(" ")
        reading.fault(f"{fault.rule} {fault.words}" if fault.rule else fault.words, kind, int(n or 0))
    reading.refuse()
    return plan


def parse_groups(file: str, text: str) -> GroupSet:
    """Return the direction groups that a file describes. Raises: WrongPlan, WrongFile."""
    reading = _Reading(file, text)
    written = _convert(reading, GroupSetTable, _toml(reading))
    groups = [_convert(reading, GroupTable, raw, "group", n) for n, raw in _numbered(written.group if written else [])]
    of_prefix: dict[str, str] = {}
    rest = ""
    for n, group in enumerate(groups, start=1):
        if group is None:
            continue
        for prefix in _prefixes(reading, group, n):
            if prefix in of_prefix:
                reading.fault(f"prefix {prefix} is in group {of_prefix[prefix]} already", "group", n, "prefixes")
            of_prefix[prefix] = group.code
        if group.rest and rest:
            reading.fault(f"group {rest} takes the rest already", "group", n, "rest")
        rest = group.code if group.rest else rest
    reading.refuse()
    assert written is not None
    found = {group.code: DirectionGroup(group.code, group.title) for group in groups if group}
    return GroupSet(written.code, found, PrefixTable(of_prefix), rest)


def _prefixes(reading: _Reading, group: GroupTable, n: int) -> Iterator[str]:
    for cell in group.prefixes:
        try:
            yield from parse_prefixes(cell)
        except WrongCell as error:
            reading.fault(str(error), "group", n, "prefixes")


def _toml(reading: _Reading) -> Mapping[str, Any]:
    try:
        return tomllib.loads(reading.text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise WrongFile(file=reading.file, reason=f"this is not TOML: {error}") from error


def _plan(reading: _Reading, written: PlanTable, find_groups: FindsGroups) -> Plan:
    calling = _convert(reading, CallingTable, written.calling, "calling", 1) or CallingTable()
    values = _Values(reading, written.currency)
    groups = find_groups(written.groups) if written.groups else NO_GROUPS
    if groups is None:
        reading.fault(f"there are no direction groups '{written.groups}'", key="groups")
    try:
        code_of("code", written.code)
    except WrongValue as error:
        reading.fault(str(error), key="code")
    rates = tuple(values.rates(written.rate))
    return Plan(
        code=written.code,
        title=written.title,
        operator=written.operator,
        currency=written.currency,
        source=written.source,
        deck=next((rule.deck for rule in rates if rule.kind is Kind.CALL and rule.deck), ""),
        a_leg_from=calling.a_leg_from,
        pays_leg_a=calling.legs == "both",
        calls_at_once=calling.calls_at_once,
        max_talk_minutes=calling.longest_minutes,
        other_decks=calling.other_decks,
        fees=tuple(values.all_of("fee", FeeTable, written.fee)),
        options={option.code: option for option in values.all_of("option", OptionTable, written.option)},
        allowances=tuple(values.all_of("allowance", AllowanceTable, written.allowance)),
        rates=rates,
        services={service.code: service for service in values.all_of("service", ServiceTable, written.service)},
        groups=groups or NO_GROUPS,
        change=values.one_of("change", ChangeTable, written.change),
        idle=values.one_of("idle", IdleTable, written.idle),
        needs_plan=frozenset(written.needs_plan),
        unpaid_stops=frozenset(written.unpaid_stops),
        includes=written.includes,
    )


class _Values:
    """Turns tables into values; what is wrong is noted and left out."""

    def __init__(self, reading: _Reading, currency: str) -> None:
        self._reading = reading
        self._currency = currency

    def all_of(self, name: str, kind: type[Any], tables: Iterable[dict[str, object]]) -> Iterator[Any]:
        codes: set[str] = set()
        for n, raw in _numbered(tables):
            table = _convert(self._reading, kind, raw, name, n)
            value = self._value(table, name, n)
            code = getattr(value, "code", None)
            if code is not None and code in codes:
                self._reading.fault(f"{name} '{code}' stands here a second time", name, n, "code")
            codes |= {code} if code else set()
            if value is not None:
                yield value

    def one_of(self, name: str, kind: type[Any], raw: dict[str, object] | None) -> Any:
        return None if raw is None else self._value(_convert(self._reading, kind, raw, name, 1), name, 1)

    def rates(self, tables: Iterable[dict[str, object]]) -> Iterator[Any]:
        for n, raw in _numbered(tables):
            table = _convert(self._reading, RateTable, raw, "rate", n)
            try:
                if table is not None:
                    yield table.value(f"rate {n}", self._currency)
            except WrongValue as error:
                self._reading.fault(str(error), "rate", n, error.key)

    def _value(self, table: _HasValue | None, name: str, n: int) -> Any:
        try:
            return table.value(self._currency) if table is not None else None
        except WrongValue as error:
            self._reading.fault(str(error), name, n, error.key)
            return None


def _check_names(reading: _Reading, plan: Plan) -> None:
    """Note options and direction groups that rules name and the plan does not have."""
    for n, rule in enumerate(plan.rates, start=1):
        _known(reading, rule.groups, plan.groups.groups, "direction group", "rate", n)
        _known(reading, {c.option for c in rule.conditions}, plan.options, "option", "rate", n)
    for n, allowance in enumerate(plan.allowances, start=1):
        _known(reading, allowance.groups, plan.groups.groups, "direction group", "allowance", n)
        _known(reading, {allowance.option} - {""}, plan.options, "option", "allowance", n)
    for n, option in enumerate(plan.options.values(), start=1):
        _known(reading, option.excludes, plan.options, "option", "option", n)
    for n, service in enumerate(plan.services.values(), start=1):
        _known(reading, {service.together_with} - {""}, plan.services, "service", "service", n)


def _known(reading: _Reading, named: Iterable[str], there: Iterable[str], what: str, table: str, n: int) -> None:
    for name in sorted(set(named) - set(there)):
        reading.fault(f"there is no {what} '{name}'{_meant(name, there)}", table, n, "to" if "group" in what else "")


def _numbered(tables: Iterable[dict[str, object]]) -> Iterator[tuple[int, dict[str, object]]]:
    return enumerate(tables, start=1)


def _convert(reading: _Reading, kind: type[Table], raw: object, table: str = "", n: int = 0) -> Table | None:
    """Return a table as its type; what is wrong is noted, with what may have been meant."""
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        told = str(error)
        place = _AT.search(told)
        words = told[: place.start()] if place else told
        unknown, missing = _UNKNOWN.search(told), _MISSING.search(told)
        key = unknown[1] if unknown else re.split(r"[.\[]", place[1])[0] if place else ""
        if unknown:
            known = [found.encode_name for found in msgspec.structs.fields(kind)]
            words = f"'{key}' is not a key here{_meant(key, known)}"
        elif missing:
            words = f"'{missing[1]}' is missing"
        reading.fault(f"{key}: {words[0].lower()}{words[1:]}" if key and not unknown else words, table, n, key)
        return None


def _meant(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, list(known), n=1)
    return f": did you mean '{close[0]}'?" if close else f"; there are: {', '.join(sorted(known))}"
