"""The wheel holds the whole program: what `pip install .` gives does what the checkout does."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FURNITURE = ("templates", "static", "k5web/storage/migrations", "k5web/pricelists", "k5web/plans", "k5web/translations")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    [built] = folder.glob("k5-*.whl")
    return built


def test_the_wheel_holds_every_file_of_the_program(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    for place in ("app.py", "connectors", "k5web", *FURNITURE):
        path = ROOT / place
        files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
        wanted = {file.relative_to(ROOT).as_posix() for file in files if "__pycache__" not in file.parts}
        assert wanted <= packed, f"not in the wheel: {sorted(wanted - packed)[:5]}"


def test_the_wheel_brings_no_tests_and_no_secrets(wheel: Path) -> None:
    packed = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in packed if name.startswith(("tests/", "var/", ".venv/", "deploy/"))]


def test_the_installed_program_quotes_a_call(wheel: Path, tmp_path: Path) -> None:
    """From an empty folder: the tables and the price list come out of the wheel alone."""
    place, home = tmp_path / "site", tmp_path / "home"
    home.mkdir()
    pip = ["install", "--quiet", "--no-index", "--no-deps", "--no-compile", "--target", str(place), str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", *pip], check=True, capture_output=True)

    def k5(*arguments: str) -> str:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("K5_")}
        environ = clean | {"PYTHONPATH": str(place), "K5_SECRET_KEY": "w" * 32}
        done = subprocess.run(
            [sys.executable, "-m", "k5web", *arguments], cwd=home, env=environ, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "quote" in k5("--help")
    k5("db", "upgrade")
    prices = place / "k5web" / "pricelists" / "clovertel.csv"  # the smaller of the two: quick
    k5("deck", "import", str(prices), "--deck", "k5", "--effective", "2026-01-01")
    quote = json.loads(k5("quote", "+79161234567", "+74951234567", "--json"))
    assert quote["per_minute"] == "2.34"  # 1.69 + 0.65
    assert "vklyuchaysya" in k5("plan", "list")
    where = [sys.executable, "-c", "import k5web; print(k5web.__file__)"]
    found = subprocess.run(where, cwd=home, env={"PYTHONPATH": str(place)}, capture_output=True, text=True, check=True)
    assert found.stdout.startswith(str(place)), "the checkout answered instead of the wheel"
