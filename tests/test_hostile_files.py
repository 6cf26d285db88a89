"""Files of anything: a thousand changes of each kind end in one sentence, never in a fault of ours.

The changes are random with a fixed seed, so a failure comes again. Notices and forms are tried where they are tested.
"""

import io
import random
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

import connectors
from k5web.config.settings import Settings
from k5web.domain import strict_toml
from k5web.domain.bank.statement import Notes
from k5web.domain.payments.connector import Opening
from k5web.errors import K5Error, WrongFile, WrongSetting
from k5web.services.bank.statement_files import read_statement
from k5web.services.prices import deckfiles
from k5web.services.prices.deckmapping import read_mapping
from tests.bank_files import OURS, Came, exchange

CHANGES = 1000
DECK = "prefix,destination,per_minute\n7495,Москва,0.45\n7916;7917,Россия моб.,1.75\n78632-78635,Ростов,3.00\n".encode()
MAPPING = b'heading = 1\ndecimal = ","\n[columns]\nprefix = "Code"\ndestination = "Name"\nper_minute = "Rate"\n'
SWITCHES = (
    b'[[trunk]]\ncode = "a"\ncalls_at_once = 10\nprefixes = ["7"]\n\n[[switch]]\nname = "msk"\nari_url = "http://10.0.0.1/ari"\n'
    b'ari_user = "k5"\nari_password = "Q7x2mK9pW4"\ncalls_at_once = 5\ntrunks = ["a"]\n'
)
PARTNERS = (
    b'[[qiwi]]\ncode = "optima"\nprotocol = "osmp"\nallowed = ["79.142.16.0/20"]\nauthentication = "basic"\n'
    b'login = "k5"\nsecrets = ["Q7x2mK9pW4"]\nminimum = "10.00"\n[qiwi.elements]\nsum = "amount"\n'
)
PAYEE = (
    'name = "ООО «Ромашка»"\ninn = "7708789018"\nkpp = "772401001"\naccount = "40702810938000017997"\n'
    'bank = "ПАО «Сбербанк» г. Москва"\nbic = "044525225"\ncorrespondent = "30101810400000000225"\nvat = "Без НДС"\n'
    'purpose = "Пополнение {account}. {vat}"\n'
).encode()
OSMP = b"1001\t20.11.2026\t14:30:05\t100007\t500.00\n1002\t20.11.2026\t14:31:00\t100008\t10.00\nTotal:\t2\t510.00\n"
ELSOM = b"A1\t20.11.2026\t14:30:05\t100007\t250.00\tP\nA1\t20.11.2026\t15:00:00\t100007\t-250.00\tC\nTotal:\t2\t0.00\n"
CARDS = (
    b"date;operation;mdOrder;orderNumber;amount;currency\n2026-11-20T14:30:05+0300;deposited;ab-1;K5-1-1;50000;643\n"
    b"total;1;50000\n"
)
PIECES = (
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b'"',
    b"'",
    b"\r",
    b"\n" * 50,
    b" " * 500,
    b"9" * 5000,
    b"[" * 3000,
    b"-",
    b";" * 90,
)


def workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in (["prefix", "destination", "per_minute"], ["7495", "Москва", 0.45], ["7916", "Россия моб.", "1,75"]):
        book.active.append(row)  # type: ignore[union-attr]
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def with_rows(rows: str) -> bytes:
    """Return the workbook with these rows written below its own, as no office program would."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as whole, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in whole.namelist():
            part = whole.read(name)
            new.writestr(name, part.replace(b"</sheetData>", f"{rows}</sheetData>".encode()))
    return written.getvalue()


def changed(content: bytes, chance: random.Random) -> bytes:
    """Return the content with a few bytes turned, taken out, doubled or put in."""
    found = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(4):
            case 0:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del found[at : at + chance.randint(1, 20)]
            case 2:
                found[at:at] = found[at : at + chance.randint(1, 40)]
            case 3:
                found[at:at] = chance.choice(PIECES)
    return bytes(found)


def osmp_register(lines: Iterable[str]) -> object:
    return _register("qiwi", {"code": "a", "protocol": "osmp"}, lines)


def elsom_register(lines: Iterable[str]) -> object:
    return _register("elsom", {"code": "a", "protocol": "k5json", "currency": "KGS", "secrets": ["s"]}, lines)


def cards_register(lines: Iterable[str]) -> object:
    table = {"code": "a", "protocol": "rbs", "base_url": "https://b", "user": "k5", "password": "p", "path": "p" * 20}
    return _register("cards", table, lines)


def _register(code: str, table: Mapping[str, object], lines: Iterable[str]) -> object:
    opening = Opening("http://127.0.0.1:8000", lambda: datetime(2026, 12, 1, tzinfo=UTC))
    [connector] = connectors.OPENERS[code]([table], opening)
    return list(connector.read_register(lines))  # type: ignore[attr-defined]


def of_text(read: Callable[[list[str]], object]) -> Callable[[Path], object]:
    """Return the reader of a file whose lines are told as `k5 reconcile` tells them."""

    def read_file(path: Path) -> object:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            return read(file.readlines())

    return read_file


def settings_with(name: str) -> Callable[[Path], object]:
    """Return a start with this file."""
    given = {"K5_SECRET_KEY": "v1XhQ0m3JtZ8bN5cR7wK2yL4pD6fG9sA", "K5_SWITCH": "asterisk"}
    if name != "K5_SWITCHES":
        del given["K5_SWITCH"]
    return lambda path: Settings.from_env(given | {"K5_VAR": str(path.parent), name: str(path)})


KINDS: dict[str, tuple[bytes, Callable[[Path], object]]] = {
    "price list": (DECK, lambda path: list(deckfiles.read_rows("a.csv", deckfiles.read_bytes(path)))),
    "workbook": (workbook(), lambda path: list(deckfiles.read_rows("a.xlsx", deckfiles.read_bytes(path)))),
    "mapping": (MAPPING, read_mapping),
    "settings": (b'K5_PUBLIC_URL = "https://t.k5.ru"\nK5_TRUSTED_PROXIES = "1"\n', settings_with("K5_CONFIG")),
    "switches": (SWITCHES, settings_with("K5_SWITCHES")),
    "partners": (PARTNERS, settings_with("K5_CONNECTORS")),
    "payee": (PAYEE, settings_with("K5_PAYEE")),
    "OSMP register": (OSMP, of_text(osmp_register)),
    "wallet's register": (ELSOM, of_text(elsom_register)),
    "card register": (CARDS, of_text(cards_register)),
    "bank statement": (
        exchange([Came("1"), Came("2", purpose="л/с 100007")]),
        lambda path: list(read_statement(path, frozenset({OURS}), OURS, Notes())),
    ),
}


@pytest.mark.parametrize(("content", "read"), KINDS.values(), ids=KINDS)
def test_a_thousand_changes_of_a_file_are_read_or_refused_in_words(
    tmp_path: Path, content: bytes, read: Callable[[Path], object]
) -> None:
    path, chance, refused = tmp_path / "file", random.Random(9), 0
    path.write_bytes(content)
    read(path)  # as it stands it is fine
    for _ in range(CHANGES):
        path.write_bytes(changed(content, chance))
        try:
            read(path)
        except K5Error:
            refused += 1
    assert refused > CHANGES // 20


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('<row r="1000000000"><c r="A1000000000"><v>1</v></c></row>', "has rows after 1048576"),
        (f'<row r="{"9" * 4000}"><c r="A4"><v>1</v></c></row>', "has rows after 1048576"),
        ('<row r="4"><c r="ZZZZZ4"><v>1</v></c></row>', "no sound XLSX file .*ZZZZZ"),
        ('<row r="4"><c r="ZZZZZZZZZ4"><v>1</v></c></row>', "no sound XLSX file .*ZZZZZZZZZ"),
        ('<row r="4"><c r="ZZZ4"><v>1</v></c></row>', "line 4 has more than 64 cells"),
        ('<row r="4"><c r="BM4"><v>1</v></c></row>', "line 4 has more than 64 cells"),
    ],
)
def test_a_workbook_beyond_its_bounds_is_refused_by_name(rows: str, said: str) -> None:
    with pytest.raises(WrongFile, match=said):
        list(deckfiles.read_rows("a.xlsx", with_rows(rows)))


def test_a_wide_row_of_a_csv_is_refused_by_name() -> None:
    with pytest.raises(WrongFile, match="line 4 has more than 64 cells"):
        list(deckfiles.read_rows("a.csv", DECK[: DECK.index(b"78632")] + b",".join([b"1"] * 65)))
    with pytest.raises(WrongFile, match="line 2 is damaged: field larger"):
        list(deckfiles.read_rows("a.csv", DECK.replace("Москва".encode(), b"a" * 200_000)))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"# " + b"a" * strict_toml.LARGEST, "the file is larger than 1 MB"),
        (b"a = " + b"[" * 5000, "stand too deep"),
        (b"a = " + b"9" * 5000, "Exceeds the limit"),
        (b"a = \xff", "utf-8"),
        (b"a = \0", "at line 1"),
    ],
    ids=["huge", "deep", "digits", "bytes", "nul"],
)
@pytest.mark.parametrize("name", ["K5_CONFIG", "K5_CONNECTORS", "K5_SWITCHES", "K5_PAYEE"])
def test_a_file_of_settings_beyond_its_bounds_stops_the_start_in_words(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(content)
    with pytest.raises(WrongSetting, match=rf"^{name}: .*own\.toml.*(?:{said})"):
        settings_with(name)(path)
