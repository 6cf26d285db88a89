"""`k5 contacts rewrite`: a book in, a book out."""

from pathlib import Path

import pytest

from k5web.domain.contacts.address_book import rewrite
from k5web.domain.contacts.links import Links
from tests.cli.conftest import K5
from tests.domain.contacts.books import BOOKS


@pytest.mark.parametrize("name", ["Android 14, 3.0", "a synchronisation program, UTF-16", "Google, CSV"])
def test_a_book_is_written_with_its_links(k5: K5, tmp_path: Path, name: str) -> None:
    book, out = tmp_path / "in.vcf", tmp_path / "out.vcf"
    book.write_bytes(BOOKS[name])
    assert k5("contacts", "rewrite", str(book), str(out)).exit_code == 0
    links = Links("http://127.0.0.1:8000")
    assert (out.read_bytes(), book.read_bytes()) == (rewrite(BOOKS[name], links).content, BOOKS[name])


def test_what_was_done_is_told_and_what_was_left(k5: K5, tmp_path: Path) -> None:
    (tmp_path / "in.vcf").write_bytes(BOOKS["Android 14, 3.0"])
    said = k5("contacts", "rewrite", str(tmp_path / "in.vcf"), str(tmp_path / "out.vcf"))
    assert "contacts: 2, links added: 1, there already: 0" in said.stdout
    assert "left as it is, no whole number: 112 (Такси)" in said.stderr


def test_a_number_is_at_home_where_it_is_said(k5: K5, tmp_path: Path) -> None:
    book, out = tmp_path / "in.vcf", tmp_path / "out.vcf"
    book.write_bytes(b"BEGIN:VCARD\nTEL:0555 123 456\nEND:VCARD\n")
    k5("contacts", "rewrite", str(book), str(out), "--home", "KG")
    assert b"/+996555123456\n" in out.read_bytes()


def test_what_is_no_book_leaves_no_file(k5: K5, tmp_path: Path) -> None:
    (tmp_path / "in.vcf").write_bytes(b"BEGIN:VCARD\n")
    refused = k5("contacts", "rewrite", str(tmp_path / "in.vcf"), str(tmp_path / "out.vcf"))
    assert (refused.exit_code, refused.stderr) == (
        1,
        "k5: line 1: the contact that begins here has no end: the file is cut off, export it again\n",
    )
    assert [path.name for path in tmp_path.glob("*.vcf")] == ["in.vcf"]


@pytest.mark.parametrize(("book", "out"), [("no-such.vcf", "out.vcf"), ("in.vcf", "no-such/out.vcf")])
def test_a_file_that_cannot_be_opened_is_named(k5: K5, tmp_path: Path, book: str, out: str) -> None:
    (tmp_path / "in.vcf").write_bytes(BOOKS["Google, CSV"])
    refused = k5("contacts", "rewrite", str(tmp_path / book), str(tmp_path / out))
    assert refused.exit_code == 1
    assert "no-such" in refused.stderr
