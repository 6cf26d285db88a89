"""Calls in bulk: a priced line per line, in order, by the prices of its day; what has no price keeps its place."""

import csv
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from k5web import plans
from k5web.domain.money import Price, rub
from k5web.domain.prices.plan import Plan
from k5web.domain.prices.rating import Rate, RateTable
from k5web.errors import NoDeck, Unavailable, WrongFile
from k5web.services.in_force import planfiles
from k5web.services.ports import Ports
from k5web.services.prices import bulk
from k5web.services.prices.bulk import INPUT, OUTPUT, BulkResult, rate_file
from k5web.services.prices.dated_plans import DatedPlan
from k5web.services.prices.dated_tables import DatedRates
from k5web.storage.prices import rates
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import K5, open_doors
from tests.plan_samples import plan_of

START = datetime(2026, 12, 1, tzinfo=UTC)
HEADING = ",".join(INPUT)
CALL = "1,2026-12-05T10:00:00+03:00,+79161234567,+74951234567,61,60.0"
PRICED = "79,120,3.50,7495,60,0.45,3.95,RUB,"


def publish(sessions: Sessions, since: datetime, mobile: str, *later: tuple[str, datetime]) -> None:
    listed = [(Rate("79", "Россия мобильный", Price.parse(price)), at) for price, at in [(mobile, since), *later]]
    listed.append((Rate("7495", "Москва", Price.parse("0.45")), since))
    with sessions.begin() as db:
        rates.add_version(db, "k5", since, since, "test", bytes(32), listed)


@pytest.fixture
def ports(sessions: Sessions, clock: Clock) -> Ports:
    publish(sessions, START, "1.75")
    return open_doors(sessions, clock)


@pytest.fixture
def rated(ports: Ports, tmp_path: Path) -> Callable[[str | bytes], list[str]]:
    """Rate a file's text and return the lines of the result."""

    def rating(content: str | bytes) -> list[str]:
        source, out = tmp_path / "calls.csv", tmp_path / "rated.csv"
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        rate_file(source, same(K5, ports), out)
        return out.read_bytes().decode("utf-8", "surrogateescape").splitlines()

    return rating


def same(plan: Plan, ports: Ports) -> DatedPlan:
    """Return a plan that is the same on every day, by the price lists of the days."""
    return DatedPlan.alone(plan, DatedRates(ports))


def on_plan(ports: Ports, tmp_path: Path, code: str, *calls: str) -> list[str]:
    """Rate calls of a minute on a plan; return what was appended to each."""
    source, out = tmp_path / "calls.csv", tmp_path / "rated.csv"
    source.write_text(
        "\n".join([HEADING, *(f"1,2026-12-05T10:00:00+03:00,+79161234567,{call},60,61" for call in calls)])
    )
    rate_file(source, same(plan_of(code), ports), out)
    return [line.split(",", 6)[6] for line in out.read_text().splitlines()[1:]]


def errors(lines: list[str]) -> list[str]:
    return [row["error"] for row in csv.DictReader(lines)]


def test_a_line_is_the_same_plus_what_both_legs_cost(rated: Callable[[str], list[str]]) -> None:
    assert rated(f"{HEADING}\n{CALL}\n") == [f"{HEADING},{','.join(OUTPUT)}", f"{CALL},{PRICED}"]


def test_a_plan_without_a_price_list_prices_by_direction_groups_at_home_and_without_options(
    ports: Ports, tmp_path: Path
) -> None:
    calls = ("+79901234567", "+78601234567", "+79161234567", "+442071234567")
    assert on_plan(ports, tmp_path, "economny", *calls) == [
        ",0,0.00,on-net,120,2.00,2.00,RUB,",
        ",0,0.00,region,120,6.00,6.00,RUB,",
        ",0,0.00,russia,120,10.00,10.00,RUB,",
        ",0,0.00,other,120,100.00,100.00,RUB,",
    ]


def test_a_plan_that_pays_leg_b_alone_charges_nothing_for_leg_a(
    sessions: Sessions, ports: Ports, tmp_path: Path
) -> None:
    with sessions.begin() as db:
        listed = [(Rate("7495", "Москва", Price.parse("0.65")), START)]
        rates.add_version(db, "clovertel", START, START, "test", bytes(32), listed)
    assert on_plan(ports, tmp_path, "go-100", "+74951234567", "+442071234567") == [
        ",0,0.00,7495,120,1.30,1.30,RUB,",
        ",,,,,,,,deck clovertel has no price for +442071234567",
    ]


def test_what_a_plan_closes_is_an_error_of_its_line(ports: Ports, tmp_path: Path) -> None:
    text = (plans.HERE / "start.toml").read_text().replace('price = "50.00 RUB/min"', 'closed = "закрыто"')
    closed = planfiles.parse_plan("start.toml", text, planfiles.read_groups(plans.GROUPS))
    source, out = tmp_path / "calls.csv", tmp_path / "rated.csv"
    source.write_text(f"{HEADING}\n{CALL.replace('+7495', '+4420')}\n")
    assert rate_file(source, same(closed, ports), out) == BulkResult(1, 1)
    assert errors(out.read_text().splitlines()) == ["закрыто"]


def test_a_price_list_in_another_currency_than_the_plans_prices_nothing(
    sessions: Sessions, ports: Ports, tmp_path: Path
) -> None:
    with sessions.begin() as db:
        listed = [(Rate("7495", "Москва", Price.parse("0.65", "KGS")), START)]
        rates.add_version(db, "clovertel", START, START, "test", bytes(32), listed)
    [line] = on_plan(ports, tmp_path, "profi", "+74951234567")
    assert line.startswith(",,,,,,,,")
    assert "KGS" in line


@pytest.mark.parametrize(
    ("a_seconds", "b_seconds", "charges"),
    [
        ("0", "0", ["0", "0.00", "0", "0.00", "0.00"]),
        ("2.9", "3", ["0", "0.00", "60", "0.45", "0.45"]),
        ("2.999999", "2.999999", ["0", "0.00", "0", "0.00", "0.00"]),
        ("3.000000", "60.000001", ["60", "1.75", "120", "0.90", "2.65"]),
        ("60.0", "60.1", ["60", "1.75", "120", "0.90", "2.65"]),
        ("3600", "3601", ["3600", "105.00", "3660", "27.45", "132.45"]),
        ("999999999", "1", ["1000000020", "29166667.25", "0", "0.00", "29166667.25"]),
    ],
)
def test_each_leg_is_charged_for_its_own_seconds(
    rated: Callable[[str], list[str]], a_seconds: str, b_seconds: str, charges: list[str]
) -> None:
    """B8: exact to the microsecond."""
    [row] = csv.DictReader(
        rated(f"{HEADING}\n1,2026-12-05T10:00:00Z,79161234567,74951234567,{a_seconds},{b_seconds}\n")
    )
    found = [row[name] for name in ("a_billed_s", "a_charge", "b_billed_s", "b_charge", "total")]
    assert found == charges
    assert rub(row["a_charge"]) + rub(row["b_charge"]) == rub(row["total"])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "the line is empty"),
        ("1", "1 cells, 6 are wanted"),
        (f"{CALL},extra", "7 cells, 6 are wanted"),
        (CALL.replace("+03:00", ""), "started_at has no zone"),
        (CALL.replace("T10", " 25"), "started_at is not a moment"),
        (CALL.replace("2026-12-05T10:00:00+03:00", ""), "started_at is not a moment"),
        (CALL.replace("2026-12-05T", "0001-01-01T"), "started_at is not between 2000 and 2099"),
        (CALL.replace("2026-12-05", "٢٠٢٦-12-05"), "started_at is not a moment"),
        (CALL.replace("2026-12-05", "2026-11-30"), "no price list 'k5' was in force then"),
        (CALL.replace("+79161234567", "x"), "'x' is not a telephone number"),
        (CALL.replace("+79161234567", ""), "'' is not a telephone number"),
        (CALL.replace("+74951234567", "9161234567"), "if +79161234567 is meant, write it so"),
        (CALL.replace("+74951234567", "84951234567"), "if +74951234567 is meant, write it so"),
        (CALL.replace("+74951234567", "+74951234567 доб. 5"), "is not a telephone number"),
        (CALL.replace("+74951234567", "+99912345678"), "deck k5 has no price for +99912345678"),
        (CALL.replace(",61,", ",-61,"), "a_seconds is not a number of seconds"),
        (CALL.replace(",61,", ",,"), "a_seconds is not a number of seconds"),
        (CALL.replace(",61,", ",1e2,"), "a_seconds is not a number of seconds"),
        (CALL.replace(",61,", ",٦١,"), "a_seconds is not a number of seconds"),
        (CALL.replace(",61,", ",NaN,"), "a_seconds is not a number of seconds"),
        (CALL.replace("60.0", "60.0000001"), "b_seconds is not a number of seconds"),
        (CALL.replace("+79161234567", '"+7916"1234567'), "the line is damaged"),
        (CALL.replace("1,", '"1,', 1), "the line is damaged"),
        (CALL.replace("+79161234567", "+7916\x001234567"), "is not a telephone number"),
        ("9" * 200_000, "the line is longer than 65536 letters"),
    ],
)
def test_a_line_that_cannot_be_priced_keeps_its_place_with_its_reason(
    rated: Callable[[str], list[str]], line: str, reason: str
) -> None:
    lines = rated(f"{HEADING}\n{CALL}\n{line}\n{CALL}\n")
    assert [lines[1], lines[3]] == [f"{CALL},{PRICED}"] * 2
    assert len(lines) == 4
    [_, row, _] = csv.reader(lines[1:])
    assert len(row) == len(INPUT) + len(OUTPUT)
    assert reason in row[-1]
    assert row[len(INPUT) : -1] == [""] * (len(OUTPUT) - 1)


def test_columns_may_stand_in_another_order_and_others_pass_through(rated: Callable[[str], list[str]]) -> None:
    heading = "note;b_seconds;a_seconds;b_number;a_number;started_at;id"
    lines = rated(f'{heading}\r\n"да; нет";60,5;61;74951234567;+79161234567;2026-12-05T10:00:00Z;7\r\n')
    [row] = csv.DictReader(lines, delimiter=";")
    assert (row["note"], row["id"]) == ("да; нет", "7")
    assert (row["a_charge"], row["b_charge"], row["total"]) == ("3.50", "0.90", "4.40")


def test_a_file_without_heading_has_the_contract_s_columns(rated: Callable[[str], list[str]]) -> None:
    lines = rated(f"{CALL}\n{CALL}")
    assert lines == [f"{HEADING},{','.join(OUTPUT)}", f"{CALL},{PRICED}", f"{CALL},{PRICED}"]


def test_bytes_of_another_encoding_pass_through(rated: Callable[[bytes], list[str]]) -> None:
    line = CALL.replace("1,", "Иванов,", 1).encode("cp1251")
    lines = rated(b"\xef\xbb\xbf" + HEADING.encode() + b"\n" + line + b"\n")
    assert lines[0].startswith("id,")
    assert lines[1].encode("utf-8", "surrogateescape") == line + f",{PRICED}".encode()


def test_a_call_is_priced_by_the_list_in_force_when_it_began(
    rated: Callable[[str], list[str]], sessions: Sessions
) -> None:
    publish(sessions, START + timedelta(days=10), "2.00", ("3.00", START + timedelta(days=20)))
    moments = [
        "12-10T23:59:59.999999Z",
        "12-11T00:00:00Z",
        "12-21T02:59:59+03:00",
        "12-21T03:00:00+03:00",
        "12-01T00:00Z",
    ]
    lines = [CALL.replace("12-05T10:00:00+03:00", moment) for moment in moments]
    found = [row["a_charge"] for row in csv.DictReader(rated("\n".join([HEADING, *lines])))]
    assert found == ["3.50", "4.00", "4.00", "6.00", "3.50"]


def test_each_edition_is_loaded_once_however_the_lines_are_mixed(
    rated: Callable[[str], list[str]], sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(sessions, START + timedelta(days=10), "2.00")
    loaded: list[int] = []
    load = rates.load_table

    def counted(db: Session, name: str, version_id: int, moment: datetime) -> RateTable:
        loaded.append(version_id)
        return load(db, name, version_id, moment)

    monkeypatch.setattr(rates, "load_table", counted)
    late, early = CALL.replace("12-05", "12-15"), CALL.replace("12-05", "11-05")
    assert len(rated("\n".join([HEADING, *[CALL, late, early] * 50]))) == 151
    assert len(loaded) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("id,started_at,a_number\n", "no column 'b_number'"),
        (f"{HEADING},total\n{CALL},1\n", "a column 'total' already"),
    ],
)
def test_a_wrong_heading_is_refused_and_nothing_is_written(
    rated: Callable[[str], list[str]], tmp_path: Path, content: str, reason: str
) -> None:
    with pytest.raises(WrongFile, match=reason):
        rated(content)
    assert [path.name for path in tmp_path.iterdir() if "rated" in path.name] == []


def test_an_empty_file_gives_a_heading_alone(rated: Callable[[str], list[str]]) -> None:
    assert rated("") == rated(HEADING) == [f"{HEADING},{','.join(OUTPUT)}"]


def test_files_that_cannot_be_opened_or_would_be_overwritten_are_named(ports: Ports, tmp_path: Path) -> None:
    calls = tmp_path / "calls.csv"
    calls.write_text(f"{HEADING}\n{CALL}\n")
    (tmp_path / "link.csv").symlink_to(calls)
    for source, out, reason in (
        (tmp_path / "none.csv", tmp_path / "out.csv", "no such file"),
        (tmp_path, tmp_path / "out.csv", "is a directory"),
        (calls, tmp_path / "none" / "out.csv", "no such file"),
        (calls, tmp_path, "is a directory"),
        (calls, calls, "would be overwritten"),
        (calls, tmp_path / "link.csv", "would be overwritten"),
    ):
        with pytest.raises(WrongFile, match=reason):
            rate_file(source, same(K5, ports), out)
    assert calls.read_text() == f"{HEADING}\n{CALL}\n"


def test_the_result_appears_whole_or_not_at_all(ports: Ports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, out = tmp_path / "calls.csv", tmp_path / "rated.csv"
    calls.write_text(f"{HEADING}\n{CALL}\n")
    out.write_text("the result of yesterday")

    def down(*args: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(rates, "due", down)
    with pytest.raises(Unavailable):  # our trouble is not written into the line as its fault
        rate_file(calls, same(K5, ports), out)
    assert out.read_text() == "the result of yesterday"
    assert sorted(path.name for path in tmp_path.glob("*rated*")) == ["rated.csv"]


def test_without_any_price_list_the_file_is_not_begun(sessions: Sessions, clock: Clock, tmp_path: Path) -> None:
    calls = tmp_path / "calls.csv"
    calls.write_text(f"{HEADING}\n{CALL}\n")
    bare = open_doors(sessions, clock)
    with pytest.raises(NoDeck):
        rate_file(calls, same(K5, bare), tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_memory_does_not_grow_with_the_file_and_progress_is_told(
    ports: Ports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "LINES_A_REPORT", 1_000)
    peaks = [_peak(ports, tmp_path, count) for count in (1_000, 8_000)]
    assert peaks[1] < peaks[0] + 300_000


def _peak(ports: Ports, folder: Path, count: int) -> int:
    calls = folder / f"{count}.csv"
    calls.write_text(HEADING + "\n" + f"{CALL}\n" * count)
    told: list[int] = []
    tracemalloc.start()
    done = rate_file(calls, same(K5, ports), folder / "out.csv", lambda read, total: told.append(read))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert done == BulkResult(lines=count, failed=0)
    assert told == sorted(told)
    assert told[-1] == calls.stat().st_size
    assert len(told) == count // 1_000 + 1
    return peak
