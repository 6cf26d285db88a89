"""K5 as a Debian package: the same bytes from the same source, all that a server needs, whole or not there."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from k5web import VERSION
from tests.processes import do_without, foreign_environ

pytestmark = pytest.mark.server  # other programs do the work: dpkg-deb, apt

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "deploy" / "package"
FAKES = {  # what postinst calls, as it is heard in the list of deeds
    "getent": "exit 1",
    "adduser": 'echo "adduser $*" >>"$deeds"',
    "install": """while [ $# -gt 0 ]; do case $1 in -o | -g) shift 2 ;; *) kept="$kept $1"; shift ;; esac; done
exec /usr/bin/install $kept""",
    "python3": """mkdir -p "$3/bin" && cat >"$3/bin/pip" <<'END' && chmod +x "$3/bin/pip" && ln "$3/bin/pip" "$3/bin/k5"
#!/bin/sh
echo "${0##*/} $*" >>"$deeds"
[ -z "$fails" ] || case $* in *$fails*) exit 1 ;; esac
END""",
}


SECRET = "VMoxLm2vZ8"


def build(source: Path, folder: Path, umask: int) -> Path:
    """Return the built package."""
    environ = foreign_environ() | {"K5_BUILD_PYTHON": sys.executable, "TZ": f"Asia/Bishkek{umask}"}
    command = [str(source / "deploy/package"), str(folder)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300, umask=umask)
    assert done.returncode == 0, done.stderr
    assert ("what is not committed is not in it" in done.stderr) == bool(git(source, "status", "--porcelain"))
    return Path(done.stdout.strip())


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built where a house runs: its settings lie in the checkout, and it has a change of its own."""
    if shutil.which("dpkg-deb") is None:
        do_without("no dpkg-deb here: packages are built on Debian")
    checkout = tmp_path_factory.mktemp("house") / "k5"
    git(ROOT, "clone", "--quiet", "--shared", str(ROOT), str(checkout))
    for name in ("compose/etc/pjsip_trunks.conf", "compose/etc/connectors.toml", "compose/etc/k5.env", "switches.toml"):
        path = checkout / "deploy" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(SECRET)
    for name in ("README.md", "app.py"):
        with (checkout / name).open("a") as file:
            file.write(f"\n# {SECRET}\n")
    return build(checkout, tmp_path_factory.mktemp("package"), 0o022)


@pytest.fixture(scope="module")
def unpacked(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("server")
    subprocess.run(["dpkg-deb", "-R", package, root], check=True)
    return root


def test_the_same_source_gives_the_same_bytes(package: Path, tmp_path: Path) -> None:
    """Another hour, another zone, another umask, another folder, nothing in it that is not committed."""
    assert package.name == f"k5_{VERSION}_all.deb"
    assert build(ROOT, tmp_path, 0o077).read_bytes() == package.read_bytes()


def test_every_file_that_a_unit_or_a_rotation_names_is_in_it(unpacked: Path) -> None:
    units = sorted((unpacked / "usr/lib/systemd/system").iterdir())
    assert [path.name for path in units] == sorted(path.name for path in (ROOT / "deploy/systemd").glob("k5*.*"))
    told = [*units, *(unpacked / "etc/logrotate.d").iterdir()]
    named = {name for path in told for name in re.findall(r"/opt/k5/[\w./-]+", path.read_text("utf-8"))}
    assert "/opt/k5/deploy/asterisk/up" in named
    gone = [name for name in named - {"/opt/k5/.venv/bin/k5"} if not os.access(unpacked / name[1:], os.X_OK)]
    assert gone == []


def test_files_that_the_handbook_copies_from_the_checkout_are_in_it(unpacked: Path) -> None:
    """The units and the rotation lie where they belong already."""
    handbook = (ROOT / "docs/operators.md").read_text("utf-8")
    named = set(re.findall(r"^(?:cp|install) .*?((?:deploy|k5web)/[\w./-]+[\w])", handbook, re.MULTILINE))
    named |= set(re.findall(r"k5web/pricelists/\w+\.csv", handbook))
    assert len(named) > 5
    own = {"deploy/systemd/k5", "deploy/logrotate/k5"}
    assert [name for name in named - own if not (unpacked / "opt/k5" / name).exists()] == []


def test_it_holds_no_settings_of_anybody_and_only_root_writes(package: Path, unpacked: Path) -> None:
    listed = subprocess.run(["dpkg-deb", "-c", package], check=True, capture_output=True, text=True).stdout.splitlines()
    assert {line.split()[1] for line in listed} == {"root/root"}
    assert {line[:10] for line in listed} == {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x"}
    assert [path for path in unpacked.rglob("*") if path.suffix in {".env", ".db", ".pyc"} or path.name == "var"] == []
    files = [path for path in unpacked.rglob("*") if path.is_file()]
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
    [wheel] = (unpacked / "opt/k5").glob("*.whl")
    assert SECRET not in zipfile.ZipFile(wheel).read("app.py").decode()
    kept = (unpacked / "DEBIAN/conffiles").read_text().split()
    assert kept == ["/etc/logrotate.d/k5-asterisk", "/etc/logrotate.d/k5-cel", "/etc/logrotate.d/k5-security"]


def test_the_program_in_it_says_its_version(unpacked: Path, tmp_path: Path) -> None:
    """Through the command that everybody types, with the settings that the installation lays down."""
    [wheel] = (unpacked / "opt/k5").glob("k5-*.whl")
    pip = [
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--no-compile",
        "--target",
        str(tmp_path / "site"),
        str(wheel),
    ]
    subprocess.run([sys.executable, "-m", "pip", *pip], check=True, capture_output=True)
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m k5web "$@"\n')
    program.chmod(0o755)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("K5_")}
    environ |= {"k5_file": "/dev/null", "k5_program": str(program), "k5_user": "root"}
    environ |= {"PYTHONPATH": str(tmp_path / "site")}
    command = [str(unpacked / "usr/bin/k5"), "--version"]
    done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, f"k5 {VERSION}\n"), done.stderr
    assert f"\nVersion: {VERSION}\n" in (unpacked / "DEBIAN/control").read_text()


class Server:
    """A tree into which postinst installs; users, environments and pip are only heard of."""

    def __init__(self, folder: Path, unpacked: Path) -> None:
        self.root = folder / "root"
        shutil.copytree(unpacked, self.root)
        self.deeds = folder / "deeds"
        self.deeds.touch()
        self.tools = folder / "tools"
        self.tools.mkdir()
        for name, body in FAKES.items():
            (self.tools / name).write_text(f"#!/bin/sh\n{body}\n")
            (self.tools / name).chmod(0o755)

    def install(self, fails: str = "", script: str = "postinst", words: Sequence[str] = ("configure",)) -> int:
        environ = {"PATH": f"{self.tools}:/usr/bin:/bin", "DPKG_ROOT": str(self.root)}
        environ |= {"deeds": str(self.deeds), "fails": fails}
        command = [str(self.root / "DEBIAN" / script), *words]
        done = subprocess.run(command, env=environ, capture_output=True, timeout=60, umask=0o077)  # as a careful root's
        return done.returncode

    def program(self) -> Path:
        return (self.root / "opt/k5/.venv").readlink()


@pytest.fixture
def server(unpacked: Path, tmp_path: Path) -> Server:
    return Server(tmp_path, unpacked)


def test_an_installation_brings_nothing_that_its_lock_does_not_name(server: Server) -> None:
    assert server.install() == 0
    done = server.deeds.read_text().splitlines()
    assert done[:2] == [
        "adduser --system --group --home /var/lib/k5 k5",
        "adduser --system --ingroup k5 --home /var/lib/k5-asterisk k5-asterisk",
    ]
    libraries, program, tried = done[2:]
    assert libraries.endswith(" --no-deps --require-hashes -r deploy/requirements.lock")
    assert program.endswith(f" --no-deps --no-index k5-{VERSION}-py3-none-any.whl")
    assert tried == "k5 --version"
    environment = server.root / "opt/k5" / server.program()
    assert [
        path for path in (environment, environment / "bin", environment / "whole") if not path.stat().st_mode & 4
    ] == []
    assert (server.root / "etc/k5/k5.env").read_text() == (ROOT / "deploy/k5.env.example").read_text()


def test_libraries_that_the_package_brings_are_taken_from_it_alone(server: Server) -> None:
    (server.root / "opt/k5/wheels").mkdir()
    assert server.install() == 0
    assert "-r deploy/requirements.lock --no-index --find-links wheels\n" in server.deeds.read_text()


def test_an_update_leaves_the_program_that_runs_and_the_settings(server: Server) -> None:
    """deploy/upgrade goes over to it; one that was cut short is made again."""
    assert server.install() == 0
    first = server.program()
    (server.root / "etc/k5/k5.env").write_text("K5_STAFF=a.ivanova\n")
    [wheel] = (server.root / "opt/k5").glob("*.whl")
    wheel.write_bytes(b"another")
    for fails in ("lock", "whl", "--version"):
        assert server.install(fails=fails) != 0
    server.deeds.write_text("")
    assert server.install() == 0
    assert server.deeds.read_text().count("pip install") == 2
    assert server.program() == first
    assert len(list((server.root / "opt/k5/environments").iterdir())) == 2
    assert (server.root / "etc/k5/k5.env").read_text() == "K5_STAFF=a.ivanova\n"


def test_taken_away_it_leaves_the_settings(server: Server) -> None:
    assert server.install() == 0
    assert server.install(script="postrm", words=["remove"]) == 0
    assert not (server.root / "opt/k5/.venv").is_symlink()
    assert (server.root / "etc/k5/k5.env").exists()


def test_the_build_takes_nothing_that_a_lock_does_not_name() -> None:
    """deploy/requirements-build.lock is the part of the tests' lock that builds the wheel."""
    entries = dict(
        re.findall(r"^([a-z-]+)(==.*?)(?=^\S|\Z)", (ROOT / "deploy/requirements-build.lock").read_text(), re.M | re.S)
    )
    tested = (ROOT / "deploy/requirements-test.lock").read_text()
    assert set(entries) == {"hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers"}
    assert [name for name, entry in entries.items() if f"\n{name}{entry}" not in tested] == []


@pytest.mark.parametrize("name", ["k5-web@.service", "k5-web@.socket", "k5-worker@.service"])
def test_a_template_does_what_the_unit_without_a_name_does(name: str) -> None:
    """Apart from what it is called and its port."""
    folder = ROOT / "deploy/systemd"

    def lines(path: Path) -> list[str]:
        text = path.read_text("utf-8").replace("@%i", "").replace("%i", "8000")
        return [line for line in text.splitlines() if not line.startswith(("#", "Description="))]

    assert lines(folder / name) == lines(folder / name.replace("@", ""))
