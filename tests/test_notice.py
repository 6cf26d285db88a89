"""NOTICE names whose works K5 comes with, as the locks and the files are now."""

from pathlib import Path

from tests import notice

ROOT = Path(__file__).parent.parent


def test_every_locked_library_is_named_with_the_licence_it_says() -> None:
    """If this fails: python -m tests.notice"""
    told = notice.read()
    locked = notice.locked("requirements-test.lock")
    assert len(locked) > 60
    assert set(told) == set(locked)
    installed = {name: licence for name in locked if (licence := notice.licence(name))}
    assert installed.items() <= told.items()
    assert "not on this platform" not in told.values()


def test_fonts_and_sounds_are_named_beside_their_licences() -> None:
    text = notice.NOTICE.read_text()
    fonts = ROOT / "k5web" / "paper" / "fonts"
    for licence in fonts.glob("LICENSE-*"):
        assert licence.name in text
    for sound in (ROOT / "deploy").rglob("*.wav"):
        assert sound.name in text


def test_the_first_page_says_that_k5_itself_has_no_licence_yet() -> None:
    assert "no licence for K5 itself" in " ".join((ROOT / "README.md").read_text().split())
    assert not list(ROOT.glob("LICEN[CS]E*")), "README and NOTICE say that there is none"
