"""Reports as files: each format's sums are the ledger's, in the subscriber's own currency, without any page."""

import csv
import io
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from k5web.domain.books.export import ExportWish, Format, Paper
from k5web.domain.books.period import Movements, Period
from k5web.domain.languages import NAMES
from k5web.services.accounts import accounts
from k5web.services.books import exports, statements
from k5web.web import language
from k5web.web.books import report_files
from k5web.web.messaging import speech
from k5web.web.texts import _
from tests.paper.readers import need_readers, text_of
from tests.services.house import House

DECEMBER = Period(date(2026, 12, 1), date(2026, 12, 31))


def written(k5: House, form: Format, paper: Paper = Paper.STATEMENT) -> bytes:
    out = io.BytesIO()
    wish = ExportWish(paper, DECEMBER, Movements.ALL, form)
    report_files.write(exports.whole(k5.ports, k5.caller.id, wish), out)
    return out.getvalue()


def minor(said: str) -> int:
    return int(re.sub(r"[^\d-]", "", said.replace("−", "-")))


def in_csv(content: bytes) -> int:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    return sum(minor(row["Сумма"]) for row in rows)


def in_workbook(content: bytes) -> int:
    heading, *rows = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values
    at = heading.index("Сумма")
    return int(sum(Decimal(str(row[at])).scaleb(2) for row in rows))


def test_all_formats_have_the_sum_of_the_ledger(k5: House, tmp_path: Path) -> None:
    need_readers()
    k5.top_up("1234.56")
    for seconds in ("65", "2", "130"):
        k5.talk(k5.order(), seconds)
    page = statements.statement(k5.ports, k5.caller.id, DECEMBER)
    moved = (page.total_in + page.total_out).minor
    assert in_csv(written(k5, Format.CSV)) == in_workbook(written(k5, Format.XLSX)) == moved == 123456 - 1100
    path = tmp_path / "x.pdf"
    path.write_bytes(written(k5, Format.PDF))
    read = text_of(path)
    total = re.search(r"Итого, строк: 3\s+(\S[\d ]*,\d\d)", read)
    assert total
    assert minor(total[1]) == moved
    for label, money in (("На конец", page.closing), ("Поступило", page.total_in), ("Списано", page.total_out)):
        found = re.search(rf"{label}\s+(−?[\d ]+,\d\d)", read)
        assert found
        assert minor(found[1]) == money.minor


def test_a_call_detail_on_paper_explains_each_leg(k5: House, tmp_path: Path) -> None:
    need_readers()
    k5.top_up("50.00")
    k5.talk(k5.order(), "65")
    path = tmp_path / "x.pdf"
    path.write_bytes(written(k5, Format.PDF, Paper.CALLS))
    read = " ".join(text_of(path).split())
    assert "Детализация звонков" in read
    assert (
        "Ваш телефон +7 916 123‑45‑67: 79 Россия мобильный, 1,75 ₽ за минуту (прайс-лист k5, № 1); "
        "разговор 65 с, к оплате 120 с, из пакета 0 с: 3,50 ₽" in read
    )
    assert re.search(r"Итого, строк: 1 −4,40", read)


def test_every_format_has_a_media_type() -> None:
    assert report_files.WRITERS.keys() == report_files.MEDIA_TYPES.keys() == set(Format)


@pytest.mark.parametrize("code", NAMES)
def test_a_statement_is_printed_in_the_owners_language_with_all_its_letters(
    k5: House, code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    need_readers()
    monkeypatch.setattr(language, "OFFERED", tuple(NAMES))
    k5.top_up("50.00")
    accounts.choose_language(k5.ports, k5.caller.id, code)
    path = tmp_path / "x.pdf"
    path.write_bytes(written(k5, Format.PDF))
    read = text_of(path)
    with speech.speaking(code):
        assert _("Выписка") in read
        assert f"{_('Итого, строк: %(count)s', count=1)} " in " ".join(read.split())
    assert "?" not in read, "a letter that no face has"
