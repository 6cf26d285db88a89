"""A long table on paper: a heading on each page, page x of y, the sum carried from page to page, all of it readable."""

import io
import re
from pathlib import Path

import pytest

from k5web.domain.money import Money
from k5web.paper import pdf_table
from k5web.paper.table import shown
from tests.paper.readers import need_readers, pages_of, text_of
from tests.paper.tables import amount_of, table

SUM = r"(−?[\d ]+,\d\d)"


def write(path: Path, count: int, text: str = "Звонок") -> Path:
    with path.open("wb") as out:
        pdf_table.write(table(count, text), out)
    return path


def minor(said: str) -> int:
    return int(said.replace(" ", "").replace("−", "-").replace(",", ""))


def test_every_line_is_there_with_its_explanation_and_the_sums_add_up(tmp_path: Path) -> None:
    need_readers()
    read = text_of(write(tmp_path / "x.pdf", 100))
    found = [minor(said) for said in re.findall(rf"Звонок\s+{SUM}", read)]
    assert found == [amount_of(n).minor for n in range(100)]
    assert re.findall(r"пояснение (\d+)", read) == [str(n) for n in range(100)]
    total = shown(Money(sum(found)))
    assert re.search(rf"Итого, строк: 100\s+{re.escape(total)}", read)
    assert re.search(rf"Всего\s+{re.escape(total)}", read)


def test_each_page_says_which_it_is_and_what_came_before_it(tmp_path: Path) -> None:
    need_readers()
    path = write(tmp_path / "x.pdf", 100)
    pages = text_of(path).split("\f")[: pages_of(path)]
    assert len(pages) > 2
    carried = 0
    for n, page in enumerate(pages, 1):
        assert re.search(rf"^{n} ?/ ?{len(pages)}$", page, re.MULTILINE)
        assert re.search(r"Номер\s+Когда\s+Что\s+Сумма", page)
        before = re.search(rf"Перенос\s+{SUM}", page)
        assert (before is None) == (n == 1)
        assert before is None or minor(before[1]) == carried
        carried += sum(minor(said) for said in re.findall(rf"Звонок\s+{SUM}", page))
        after = re.search(rf"К переносу\s+{SUM}", page)
        assert (after is None) == (n == len(pages))
        assert after is None or minor(after[1]) == carried


def test_an_empty_table_is_one_page_with_its_sums(tmp_path: Path) -> None:
    need_readers()
    path = write(tmp_path / "x.pdf", 0)
    assert pages_of(path) == 1
    read = text_of(path)
    assert re.search(r"^1 ?/ ?1$", read, re.MULTILINE)
    assert re.search(r"Итого, строк: 0\s+0,00", read)


@pytest.mark.parametrize("text", ["о" * 300, "漢字 и 🙂", "x\ty", "", "=1+1"])
def test_any_text_can_be_printed(tmp_path: Path, text: str) -> None:
    need_readers()
    read = text_of(write(tmp_path / "x.pdf", 2, text))
    assert "Итого, строк: 2" in read
    assert "漢" not in read


def test_the_file_is_written_while_lines_are_read() -> None:
    """What a first page needs does not wait for the last line."""
    out, written = io.BytesIO(), []

    def rows() -> object:
        for row in table(100).rows:
            written.append(out.tell())
            yield row

    made = table(0)
    pdf_table.write(type(made)(made.title, made.facts, made.columns, rows(), 4, Money(0), (), made.words), out)  # type: ignore[arg-type]
    assert 0 < written[50] < written[99]
