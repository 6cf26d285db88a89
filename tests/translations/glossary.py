"""The table of terms in docs/glossary.md: `python -m tests.translations.glossary` writes it anew from the lists."""

import tomllib
from pathlib import Path
from typing import Final

from k5web.domain import languages
from k5web.translations.update import HOME

PAGE: Final = Path(__file__).parents[2] / "docs" / "glossary.md"
BEGIN: Final = "## The same words in four languages\n"
TRANSLATED: Final = [code for code in languages.NAMES if code != languages.FIRST]


def terms(code: str) -> dict[str, list[str]]:
    """Return a language's list: the Russian term and the stems, one of which its translation has."""
    return tomllib.loads((HOME / code / "terms.toml").read_text("utf-8"))


def table() -> str:
    """Return the table: a row for each term that some language has, its stems as beginnings of words."""
    lists = {code: terms(code) for code in TRANSLATED}
    rows = [[languages.NAMES[code] for code in languages.NAMES], ["---"] * len(languages.NAMES)]
    for term in sorted({term for each in lists.values() for term in each}, key=languages.in_order):
        rows.append([term, *(", ".join(f"{stem}…" for stem in lists[code].get(term, ())) for code in TRANSLATED)])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def written() -> str:
    """Return the table as the page has it."""
    after = PAGE.read_text("utf-8").partition(BEGIN)[2].partition("\n## ")[0]
    return "".join(line for line in after.splitlines(keepends=True) if line.startswith("|"))


if __name__ == "__main__":
    PAGE.write_text(PAGE.read_text("utf-8").replace(written(), table()), "utf-8")
