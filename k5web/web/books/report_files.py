"""Reports written as files, in the subscriber's language: by the worker, where no page is answered."""

from collections.abc import Callable, Mapping
from typing import BinaryIO, Final

from k5web.domain.books.export import Format
from k5web.paper import csv_table, pdf_table, xlsx_table
from k5web.paper.table import Table
from k5web.services.ports import Report
from k5web.web.books import report_tables
from k5web.web.messaging import speech

WRITERS: Final[Mapping[Format, Callable[[Table, BinaryIO], None]]] = {
    Format.CSV: csv_table.write,
    Format.XLSX: xlsx_table.write,
    Format.PDF: pdf_table.write,
}
MEDIA_TYPES: Final[Mapping[Format, str]] = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PDF: "application/pdf",
}


def write(report: Report, out: BinaryIO) -> None:
    """Write a report in its format; the port that the worker has."""
    with speech.speaking(report.language):
        WRITERS[report.wish.format](report_tables.table(report), out)
