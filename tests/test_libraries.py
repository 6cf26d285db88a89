"""What K5 stands on: each library is pinned by its hashes, and its licence is one that docs/libraries.md allows.

Trial: S27.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import notice

ROOT = Path(__file__).parent.parent
LOCKS = sorted((ROOT / "deploy").glob("*.lock"))
PAGE = (ROOT / "docs" / "libraries.md").read_text("utf-8")
PINNED = re.compile(
    r"[a-z0-9][a-z0-9.-]*(?:\[[a-z,]+\])?==[0-9][0-9a-z.]*(?: ; [^\\]+)?(?: --hash=sha256:[0-9a-f]{64})+"
)
OF_NPM = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")


def requirements(lock: Path) -> list[str]:
    """Return what a lock asks for, each in one line."""
    joined = re.sub(r"\s*\\\n\s*", " ", lock.read_text("utf-8"))
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def rows(section: str) -> Iterator[list[str]]:
    """Return the cells of the tables of a section of the page, without their heads."""
    part = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0]
    for line in re.findall(r"^\| (.*) \|$", part, re.MULTILINE):
        cells = line.split(" | ")
        if cells[1].startswith("`") or cells[0].startswith("`"):
            yield cells


def named(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


ALLOWED = {spelling for cells in rows("Allowed licences") if not named(cells[0]) for spelling in named(cells[1])}
READ = {
    (library, said) for cells in rows("Allowed licences") for library in named(cells[0]) for said in named(cells[1])
}


def is_allowed(said: str) -> bool:
    """Whether one of the licences that are offered is allowed, and each part of it where several hold."""
    return any(all(part.strip() in ALLOWED for part in offer.split(" AND ")) for offer in said.split(" OR "))


def not_allowed(library: str, licence: str) -> list[str]:
    """Return which of the licences of a library nobody allowed."""
    return [said for said in licence.split(", ") if not is_allowed(said) and (library, said) not in READ]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_has_nothing_but_versions_and_their_hashes(lock: Path) -> None:
    found = requirements(lock)
    assert [line for line in found if not PINNED.fullmatch(line)] == []
    assert len(found) >= 5


@pytest.mark.parametrize(
    "line",
    ["flask>=3", "flask==3.1.0", "flask @ https://example.org/flask.whl", "--index-url https://example.org", "-e ."],
)
def test_what_is_not_pinned_is_noticed(line: str) -> None:
    assert not PINNED.fullmatch(line)


def test_what_the_phone_in_the_browser_is_built_of_is_pinned_too() -> None:
    lock = json.loads((ROOT / "deploy" / "phone" / "package-lock.json").read_text("utf-8"))
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert packages
    assert [name for name, each in packages.items() if not OF_NPM.fullmatch(each.get("integrity", ""))] == []
    assert [name for name, each in packages.items() if not_allowed(name, each.get("license", "says none"))] == []


def test_every_library_has_an_allowed_licence() -> None:
    """NOTICE says what each says of itself, as installed here (tests/test_notice.py)."""
    locked = {name for lock in LOCKS for name in notice.locked(lock.name)}
    told = notice.read()
    assert len(ALLOWED) > 10
    assert {name: bad for name in sorted(locked) if (bad := not_allowed(name, told.get(name, "not named")))} == {}


@pytest.mark.parametrize(
    ("licence", "refused"),
    [
        ("Apache-2.0 OR GPL-3.0-only", []),
        ("MIT AND PSF-2.0", []),
        ("MIT AND GPL-3.0-only", ["MIT AND GPL-3.0-only"]),
        ("BSD License, Other/Proprietary License", ["Other/Proprietary License"]),
        ("says none", ["says none"]),
    ],
)
def test_what_nobody_allowed_is_noticed(licence: str, refused: list[str]) -> None:
    assert not_allowed("some-library", licence) == refused


def test_what_is_allowed_or_read_is_still_there() -> None:
    """The page allows nothing that no library needs."""
    told = notice.read()
    parts = {part for licence in told.values() for part in re.split(r", | AND | OR ", licence)}
    assert parts >= ALLOWED
    assert {(library, said) for library, said in READ if said not in told.get(library, "")} == set()


def test_known_holes_are_looked_up_in_every_lock_and_nothing_is_passed_over(tmp_path: Path) -> None:
    """Played without a network: `deploy/audit` with a pip-audit that writes down what it is asked, and finds a hole."""
    asked = tmp_path / "asked"
    python = tmp_path / "python3"
    python.write_text(
        '#!/bin/bash\nmkdir -p "$3/bin"\nprintf "#!/bin/bash\\n" >"$3/bin/pip"\n'
        f'printf "#!/bin/bash\\necho \\"\\$@\\" >>{asked}\\nexit 1\\n" >"$3/bin/pip-audit"\nchmod +x "$3"/bin/*\n'
    )
    python.chmod(0o755)
    environ = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        [ROOT / "deploy" / "audit"], env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1, done.stderr
    exceptions = "".join(f" --ignore-vuln {hole}" for cells in rows("Known holes") for hole in sorted(named(cells[0])))
    options = f"--strict --require-hashes --disable-pip --progress-spinner=off{exceptions}"
    assert asked.read_text().splitlines() == [f"{options} -r deploy/{lock.name}" for lock in LOCKS]
