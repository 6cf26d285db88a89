"""What `./run` prepares: a house to try K5 in has subscribers with money, a real one has none."""

import sys
from pathlib import Path

import pytest

from k5web.cli.demo import how_to_try, prepare
from k5web.config.settings import Settings
from k5web.services import demo as services
from k5web.services.prices import exchange

REAL = {"K5_PUBLIC_URL": "https://t.k5.example", "K5_TRUSTED_PROXIES": "1"}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which demo subscribers were made."""
    found: list[str] = []
    monkeypatch.setattr(services, "open_demo", lambda *_: found.append("RUB"))
    monkeypatch.setattr(services, "open_som_demo", lambda *_: found.append("KGS"))
    monkeypatch.setattr(services, "fill_stock", lambda *_: found.append("numbers"))
    monkeypatch.setattr(services, "open_office", lambda *_: found.append("office"))
    monkeypatch.setattr(sys.modules["k5web.cli.demo"], "LISTS", ())  # the command has the module's name
    monkeypatch.setattr(exchange, "convert_deck", lambda *_: None)
    return found


@pytest.mark.parametrize(
    ("more", "made"), [({}, ["RUB", "KGS", "numbers", "office"]), (REAL, [])], ids=["tried", "real"]
)
def test_only_a_house_that_is_tried_has_subscribers_with_money(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str], more: dict[str, str], made: list[str]
) -> None:
    given = {"K5_SECRET_KEY": "v1XhQ0m3JtZ8bN5cR7wK2yL4pD6fG9sA", "K5_VAR": str(tmp_path)} | more
    given["K5_DATABASE_URL"] = f"sqlite:///{tmp_path}/k5.db"
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    prepare()
    assert opened == made
    assert ("Password" in how_to_try(Settings.from_env(given))) == bool(made)
