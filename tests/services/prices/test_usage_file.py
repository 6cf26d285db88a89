"""A file of uses: rows become events; a wrong one keeps its place and is named."""

from datetime import datetime
from pathlib import Path

import pytest

from k5web.domain.prices.usage import Kind, UsageEvent, Zone
from k5web.errors import WrongFile
from k5web.services.ports import OPERATOR_ZONE
from k5web.services.prices.usage_file import LARGEST, Row, WrongRow, read_rows

HEADING = "at,kind,to,zone,quantity,option"
CALL = "2026-12-01T10:00:00+03:00,call,+74951234567,home,61.5,"


def rows_of(tmp_path: Path, content: str | bytes) -> list[Row]:
    file = tmp_path / "uses.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_rows(file))


def use_of(tmp_path: Path, line: str) -> UsageEvent:
    [row] = rows_of(tmp_path, f"{HEADING}\n{line}\n")
    return row.use()


def test_a_row_is_an_event_in_the_operators_zone(tmp_path: Path) -> None:
    event = use_of(tmp_path, "2026-12-01T22:30:00Z,call,+7 495 123-45-67,russia,61.5,bonus; sms-30:unpaid")
    assert event == UsageEvent(
        at=datetime(2026, 12, 2, 1, 30, tzinfo=OPERATOR_ZONE),
        kind=Kind.CALL,
        to="74951234567",
        quantity=61_500_000,
        zone=Zone.RUSSIA,
        options=frozenset({"bonus"}),
        unpaid=frozenset({"sms-30"}),
    )


@pytest.mark.parametrize(
    ("line", "to", "quantity"),
    [
        ("2026-12-01T10:00Z,data,,home,102400,", "", 102_400),
        ("2026-12-01T10:00Z,data,whatever,home,0,", "", 0),
        ("2026-12-01T10:00Z,sms,79161234567,,3,", "79161234567", 3),
        ("2026-12-01T10:00Z,service,extra_user,,2,", "extra_user", 2),
        ("2026-12-01T10:00Z,call,region,,60,", "region", 60_000_000),
    ],
)
def test_each_kind_has_its_unit_and_its_other_side(tmp_path: Path, line: str, to: str, quantity: int) -> None:
    event = use_of(tmp_path, line)
    assert (event.to, event.quantity, event.zone) == (to, quantity, Zone.HOME)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("yesterday,call,74951234567,home,60,", "at 'yesterday' is not a moment like 2026-12-01T09:30:00+03:00"),
        ("2026-12-01T10:00,call,74951234567,home,60,", "at has no zone: add Z or +03:00"),
        (
            "2026-12-01T10:00Z,fax,74951234567,home,60,",
            "kind 'fax' is not one of call, incoming, csd, sms, incoming_sms, data, service",
        ),
        ("2026-12-01T10:00Z,call,74951234567,moon,60,", "zone 'moon' is not one of home, russia"),
        ("2026-12-01T10:00Z,call,8 495 123-45-67,home,60,", "as it is dialled at home"),
        ("2026-12-01T10:00Z,call,,home,60,", "is not a telephone number"),
        ("2026-12-01T10:00Z,call,74951234567,home,-60,", "quantity '-60' is not a number of seconds"),
        ("2026-12-01T10:00Z,call,74951234567,home,1e3,", "quantity '1e3' is not a number of seconds"),
        ("2026-12-01T10:00Z,call,74951234567,home,٦٠,", "is not a number of seconds"),
        ("2026-12-01T10:00Z,sms,79161234567,home,1.5,", "quantity '1.5' is not a number of parts"),
        ("2026-12-01T10:00Z,data,,home,,", "quantity '' is not a number of bytes"),
        ("2026-12-01T10:00Z,service,,home,1,", "to is empty: write the code of the service"),
        ("2026-12-01T10:00Z,call,74951234567,home,60,a;a:unpaid", "option 'a' is named as paid and as unpaid"),
        ("2026-12-01T10:00Z,call,74951234567,home,60", "5 cells, the heading has 6"),
        ("2026-12-01T10:00Z,call,74951234567,home,60,a,b", "7 cells, the heading has 6"),
        ('2026-12-01T10:00Z,call,"7495"1234567,home,60,', "the quotes of this row are damaged"),
        ('"2026-12-01T10:00Z,call,74951234567,home,60,', "the quotes of this row are damaged"),
        ("2026-12-01T10:00Z,call,\x00\x1b[31m,home,60,", "is not a telephone number"),
        pytest.param(f"2026-12-01T10:00Z,call,{'7' * 200_000},home,60,", "damaged", id="a cell of 200 000 digits"),
        (f"2026-12-01T10:00Z,call,74951234567,home,{'9' * 16},", "is not a number of seconds"),
    ],
)
def test_a_wrong_row_says_what_is_wrong(tmp_path: Path, line: str, reason: str) -> None:
    good, wrong, last = rows_of(tmp_path, f"{HEADING}\n{CALL}\n{line}\n{CALL}\n")
    with pytest.raises(WrongRow) as caught:
        wrong.use()
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 200, "a row's own length is not told back"
    assert good.use() == last.use(), "the rows around it are read"


@pytest.mark.parametrize(
    "content",
    [
        f"\ufeff{HEADING}\r\n{CALL}\r\n",
        f"{HEADING}\r{CALL}\r",
        f"{HEADING}\n\n{CALL}\n  \n",
        f"{HEADING.replace(',', ';')}\n{CALL.replace(',', ';')}\n",
        f"{HEADING.replace(',', chr(9))}\n{CALL.replace(',', chr(9))}\n",
        "AT, Kind ,To,zone,quantity,option\n" + CALL,
        "option,quantity,zone,to,kind,at\n,61.5,home,+74951234567,call,2026-12-01T10:00:00+03:00\n",
        "at,kind,to,quantity,note\n2026-12-01T10:00:00+03:00,call,+74951234567,61.5,\n",
        '"at","kind","to","zone","quantity","option"\n"2026-12-01T10:00:00+03:00","call","+74951234567","home","61.5",""\n',
    ],
)
def test_headings_and_cells_are_written_in_many_ways(tmp_path: Path, content: str) -> None:
    [row] = rows_of(tmp_path, content)
    assert row.use() == use_of(tmp_path, CALL)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no column 'at'; wanted are at, kind, to, zone, quantity, option"),
        (b"at,to,quantity\n", "no column 'kind'"),
        (b"\xff\xfe\x00", "not UTF-8 text"),
        (b'"at,kind,quantity\n', "no column 'at'"),
        (b" " * (LARGEST + 1), "larger than 8 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(WrongFile, match=reason):
        rows_of(tmp_path, content)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongFile, match="no such file"):
        list(read_rows(tmp_path / "none.csv"))
    with pytest.raises(WrongFile, match="is a directory"):
        list(read_rows(tmp_path))
