"""Plan files: read, checked whole, each mistake named with its line and with what may have been meant."""

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar, get_args

import msgspec

from k5web.domain.money import CURRENCIES
from k5web.domain.prices.deck_cells import WrongCell, parse_prefixes, shown
from k5web.domain.prices.plan import NO_GROUPS, DirectionGroup, GroupSet, Plan
from k5web.domain.prices.plan_cells import find_faults
from k5web.domain.prices.prefix_table import PrefixTable
from k5web.domain.prices.usage import Kind, is_code
from k5web.errors import WrongFile, WrongPlan
from k5web.services.in_force.plan_names import check_giving, check_names, check_plans, meant
from k5web.services.in_force.plan_values import (
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
)

LARGEST = 256 * 1024  # bytes
MOST_FAULTS = 50  # named at once
FindsGroups = Callable[[str], GroupSet | None]

_HEADING = re.compile(r"\s*\[{1,2}\s*([A-Za-z_]+)\s*\]{1,2}")
_UNREAD = {"code": "unread", "title": "", "operator": "", "source": "", "calling": {}}
_WORDS = {  # a type as the library names it, and as the writer of a file knows it
    "Expected `array`, got `object`": "write two brackets, [[ ]]",
    "`array`": "a list",
    "`bool`": "true or false",
    "`float`": "a fraction",
    "`int`": "a whole number",
    "`object`": "a table",
    "`str`": "text in quotes",
}

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
    lines: list[str] = field(init=False)
    heads: list[tuple[int, str]] = field(init=False)  # where each table begins

    def __post_init__(self) -> None:
        self.lines = self.text.split("\n")
        self.heads = [(at, match[1]) for at, line in enumerate(self.lines) if (match := _HEADING.match(line))]

    def fault(self, words: str, table: str = "", n: int = 0, key: str = "") -> None:
        self.faults.append(PlanFault(self.line_of(table, n, key), words))

    def line_of(self, table: str, n: int, key: str = "") -> int:
        """Return the line of a key in the n-th table of this name, counted from 1; else of the table's heading."""
        own = [at for at, name in self.heads if name == (table or key)]
        if not table and own:
            return own[0] + 1
        if n and not own:
            return self._line_with(table, 0)  # a table within a line
        start = own[n - 1] + 1 if 0 < n <= len(own) else 0
        return self._line_with(key, start) or start

    def _line_with(self, key: str, start: int) -> int:
        """Return the line of a key before the next heading, 0 where none has it."""
        end = next((at for at, _ in self.heads if at >= start), len(self.lines))
        found = (at for at in range(start, end) if key and self.lines[at].split("=")[0].strip().strip("\"'") == key)
        return next(found, -1) + 1

    def refuse(self) -> None:
        """Raises: WrongPlan where a mistake was found."""
        if self.faults:
            found = sorted(self.faults, key=lambda fault: (not fault.line, fault.line))
            raise WrongPlan(file=self.file, faults=len(found), first=str(found[0]), found=tuple(found[:MOST_FAULTS]))


def read_text(path: Path) -> str:
    """Return the text of a plan file. Raises: WrongFile."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise WrongFile(file=str(path), reason=(error.strerror or "cannot be read").lower()) from error
    return decoded(path.name, content)


def decoded(file: str, content: bytes) -> str:
    """Return the text of a plan file's content. Raises: WrongFile."""
    if len(content) > LARGEST:
        raise WrongFile(file=file, reason=f"the file is larger than {LARGEST // 1024} KB: no plan is")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise WrongFile(file=file, reason="the file is not UTF-8 text") from error


def read_groups(folder: Path) -> FindsGroups:
    """Return what finds the direction groups that lie in a folder, each file under its own name."""

    @cache
    def find(code: str) -> GroupSet | None:
        path = folder / f"{code}.toml"
        return parse_groups(path.name, read_text(path)) if is_code(code) and path.is_file() else None

    return find


def groups_named(file: str, text: str) -> str:
    """Return the direction groups that a plan file names, "" where it names none. Raises: WrongFile."""
    return code_in(file, text, "groups")


def code_in(file: str, text: str, key: str) -> str:
    """Return the code that stands under a key of a file, "" where none does. Raises: WrongFile."""
    code = _toml(_Reading(file, text)).get(key)
    return code if isinstance(code, str) and is_code(code) else ""


def parse_plan(file: str, text: str, find_groups: FindsGroups, plans: Collection[str] | None = None) -> Plan:
    """Return the plan that a file describes. Raises: WrongPlan, WrongFile.

    `plans` are the other plans that there are: a new file is held against them. A version that is published already
    is read without them.
    """
    reading = _Reading(file, text)
    values = _values_of(reading, PlanTable, _toml(reading))
    # What is missing has been noted; the rest is looked at all the same, so that all mistakes are told at once
    plan = _plan(reading, PlanTable(**(_UNREAD | values)), find_groups)
    reading.refuse()
    check_names(reading, plan)
    reading.refuse()
    if plans is not None:
        check_plans(reading, plan, plans)
        check_giving(reading, plan)
    for fault in find_faults(plan):
        kind, _, n = fault.rule.partition(" ")
        reading.fault(f"{fault.rule} {fault.words}" if fault.rule else fault.words, kind, int(n or 0))
    reading.refuse()
    return plan


def parse_groups(file: str, text: str) -> GroupSet:
    """Return the direction groups that a file describes. Raises: WrongPlan, WrongFile."""
    reading = _Reading(file, text)
    values = _values_of(reading, GroupSetTable, _toml(reading))
    groups = [_convert(reading, GroupTable, raw, "group", n) for n, raw in _numbered(values.get("group", []))]
    of_prefix: dict[str, str] = {}
    rest = ""
    for n, group in enumerate(groups, start=1):
        if group is None:
            continue
        _check_group(reading, group, n, groups[: n - 1])
        for prefix in _prefixes(reading, group, n):
            if prefix in of_prefix:
                reading.fault(f"prefix {prefix} is in group {of_prefix[prefix]} already", "group", n, "prefixes")
            of_prefix[prefix] = group.code
        if group.rest and rest:
            reading.fault(f"group {rest} takes the rest already", "group", n, "rest")
        rest = group.code if group.rest else rest
    reading.refuse()
    found = {group.code: DirectionGroup(group.code, group.title) for group in groups if group}
    return GroupSet(values["code"], found, PrefixTable(of_prefix), rest)


def is_groups(text: str) -> bool:
    """Return whether a text is meant to be a file of direction groups, not a plan."""
    return re.search(r"^\s*\[\[\s*group\s*\]\]", text, re.MULTILINE) is not None


def _check_group(reading: _Reading, group: GroupTable, n: int, before: Iterable[GroupTable | None]) -> None:
    """Note a code that is none, that may be taken for a number, or that another group has."""
    if not is_code(group.code) or group.code.isdigit():
        reading.fault(f"'{shown(group.code)}' is not a code: small letters, digits, '-' and '_'", "group", n, "code")
    if any(other and other.code == group.code for other in before):
        reading.fault(f"group '{group.code}' stands here a second time", "group", n, "code")
    if not group.prefixes and not group.rest:
        reading.fault(f"group '{group.code}' has no prefixes and does not take the rest", "group", n)


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
    if not is_code(written.code):
        reading.fault(f"'{shown(written.code)}' is not a code: small letters, digits, '-' and '_'", key="code")
    if written.currency not in CURRENCIES:
        reading.fault(
            f"'{shown(written.currency)}' is no currency{meant(written.currency, CURRENCIES)}", key="currency"
        )
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
        pbx_users=written.pbx_users,
        ussd=written.ussd,
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


def _numbered(tables: Iterable[dict[str, object]]) -> Iterator[tuple[int, dict[str, object]]]:
    return enumerate(tables, start=1)


def _convert(reading: _Reading, kind: type[Table], raw: Mapping[str, object], table: str, n: int) -> Table | None:
    """Return a table as its type, None where something is wrong with it."""
    before = len(reading.faults)
    values = _values_of(reading, kind, raw, table, n)
    return kind(**values) if len(reading.faults) == before else None


def _values_of(
    reading: _Reading, kind: type[Table], raw: Mapping[str, object], table: str = "", n: int = 0
) -> dict[str, Any]:
    """Return what could be read of a table; every key that is wrong is noted, with what may have been meant."""
    keys = {known.encode_name: known for known in msgspec.structs.fields(kind)}
    for key in raw.keys() - keys.keys():
        reading.fault(f"'{shown(key)}' is not a key here{meant(key, keys)}", table, n, key)
    values: dict[str, Any] = {}
    for key, known in keys.items():
        if key in raw:
            words, value = _value_of(raw[key], known.type)
            if words:
                reading.fault(f"{key}: {words}", table, n, key)
            else:
                values[known.name] = value
        elif known.required:
            reading.fault(f"'{key}' is missing", table, n)
    return values


def _value_of(raw: object, kind: Any) -> tuple[str, object]:
    """Return what is wrong with a value, "" where nothing is, and the value as its type."""
    try:
        value = msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        words = str(error).partition(" - at ")[0]
        if words.startswith("Invalid enum value"):
            named = words.removeprefix("Invalid enum value ").strip("'")
            return f"'{shown(named)}' is not known{meant(named, _choices(kind))}", None
        for written, known in _WORDS.items():
            words = words.replace(written, known)
        return words[0].lower() + words[1:], None
    texts = value if isinstance(value, tuple) else (value,)
    if any(isinstance(text, str) and not text.isprintable() for text in texts):
        return "has a letter that cannot be printed", None
    return "", value


def _choices(kind: Any) -> list[str]:
    """Return the words that a type allows."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)
    return [choice for part in get_args(kind) for choice in ([part] if isinstance(part, str) else _choices(part))]
