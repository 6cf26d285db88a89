"""The catalogues: complete, in line with the sources, compiled, and with one word for one thing (docs/glossary.md).

Each test goes over a whole catalogue, for a list of all that is wrong is worth more than the first of it.
"""

import ast
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo

from k5web.domain import languages
from k5web.translations import update as catalogues
from k5web.web import language
from tests.translations import glossary
from tests.translations.terms import form_of, plain

TRANSLATED = [code for code in languages.NAMES if code != languages.FIRST]
EXCEPTIONS = Path(__file__).with_name("exceptions.toml")  # by language and term: the texts that say it otherwise

_PLACE = re.compile(r"%\((\w+)\)[sd]|%(?!\()")
_QUOTED = re.compile("«[^»]*»")
_WORD = re.compile(r"[^\W\d_]+")


@cache
def catalogue(code: str) -> Catalog:
    return catalogues.read(code)


def texts(code: str) -> Iterator[tuple[str, str]]:
    """Yield each translated text and its translation; of plural forms each with each translated form."""
    for text in catalogue(code):
        if not text.id or not catalogues.is_translated(text):
            continue
        if isinstance(text.id, str):
            yield text.id, str(text.string)
        else:
            yield from ((" ".join(text.id), form) for form in text.string or ())


def test_a_language_is_offered_when_nothing_is_missing_in_it() -> None:
    complete = [code for code in languages.NAMES if catalogues.is_complete(catalogue(code))]
    assert tuple(complete) == language.OFFERED


def test_no_text_hides_in_a_formatted_string() -> None:
    """There nobody collects it for the catalogues: it would stay Russian in every language."""
    for path in sorted((catalogues.ROOT / "k5web").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            inside = ast.walk(node) if isinstance(node, ast.JoinedStr) else ()
            called = {ast.unparse(found.func) for found in inside if isinstance(found, ast.Call)}
            assert not called & catalogues.KEYWORDS.keys(), path.relative_to(catalogues.ROOT)


@pytest.mark.parametrize("code", languages.NAMES)
def test_catalogues_are_in_line_with_the_sources_and_compiled(code: str) -> None:
    """If this fails: python -m k5web.translations.update"""
    assert {text.id for text in catalogue(code) if text.id} == {text.id for text in extracted() if text.id}
    compiled = BytesIO()
    write_mo(compiled, catalogue(code))
    assert catalogues.po_file(code).with_suffix(".mo").read_bytes() == compiled.getvalue()


@cache
def extracted() -> Catalog:
    return catalogues.extract()


@pytest.mark.parametrize(("code", "forms"), [("ru", 3), ("ky", 2), ("kk", 2), ("en", 2)])
def test_plurals_have_their_forms(code: str, forms: int) -> None:
    assert catalogue(code).num_plurals == forms
    plural = [text for text in catalogue(code) if text.id and not isinstance(text.id, str)]
    assert plural
    assert all(len(text.string or ()) == forms for text in plural)


@pytest.mark.parametrize("code", languages.NAMES)
def test_nothing_is_fuzzy(code: str) -> None:
    assert [text.id for text in catalogue(code) if text.id and text.fuzzy] == []


@pytest.mark.parametrize("code", languages.NAMES)
def test_translations_fill_the_same_places(code: str) -> None:
    def places(text: str) -> set[str]:
        return {found[0] for found in _PLACE.finditer(text)}

    wrong = [text for text, said in texts(code) if places(said) != places(text)]
    assert wrong == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_the_words_of_the_glossary_are_used(code: str) -> None:
    exceptions = tomllib.loads(EXCEPTIONS.read_text("utf-8")).get(code, {})
    missing, used = [], set()
    for text, said in texts(code):
        for term, stems in glossary.terms(code).items():
            if not form_of(term).search(plain(own(text, said))) or any(plain(stem) in plain(said) for stem in stems):
                continue
            if text in exceptions.get(term, ()):
                used.add((term, text))
            else:
                missing.append((term, text, said))
    assert missing == []
    assert {(term, text) for term, those in exceptions.items() for text in those} == used, "strike out what is not used"


def own(text: str, said: str) -> str:
    """Return a text without what is quoted as it stands on another's screen, in the translation too."""
    return _QUOTED.sub(lambda found: "" if found[0] in said else found[0], text)


@pytest.mark.parametrize("code", languages.NAMES)
def test_no_word_mixes_latin_and_cyrillic_letters(code: str) -> None:
    both = " ".join([*(said for _, said in texts(code)), *(str(text.id) for text in catalogue(code))])
    assert {word for word in _WORD.findall(_PLACE.sub(" ", both)) if len(scripts_of(word)) > 1} == set()


def scripts_of(word: str) -> set[str]:
    """Return whose letters a word has."""
    return {unicodedata.name(letter).split()[0] for letter in word}


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_begins_and_ends_as_its_text_does(code: str) -> None:
    """What is joined to others by a space stays joined."""
    wrong = [(text, said) for text, said in texts(code) if ends(text) != ends(said)]
    assert wrong == []


def ends(text: str) -> tuple[bool, bool]:
    return text[:1].isspace(), text[-1:].isspace()
