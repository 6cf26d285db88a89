"""Every module of the desk that has pages is named where they are hung on the blueprint."""

from pathlib import Path

from k5web.web.desk import pages


def test_no_page_is_forgotten() -> None:
    folder = Path(pages.__file__).parent
    with_pages = {path.stem for path in folder.glob("*.py") if "\n@bp.get(" in path.read_text("utf-8")}
    assert {module.__name__.rpartition(".")[2] for module in pages.MODULES} >= with_pages
