"""`deploy/asterisk/fetch` brings what packages.lock names, and nothing else under such a name."""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.processes import do_without, foreign_environ

pytestmark = pytest.mark.server  # other programs do the work: dpkg-deb, apt

ROOT = Path(__file__).parent.parent
FETCH = ROOT / "deploy" / "asterisk" / "fetch"
LOCK = ROOT / "deploy" / "asterisk" / "packages.lock"
VOICE = "usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU/hello.wav"


@dataclass(frozen=True)
class Archive:
    """A signed archive in a folder, whose packages a test writes."""

    folder: Path
    key: Path  # the public one, as apt wants it
    environ: dict[str, str]

    @property
    def first_lock(self) -> Path:
        """The lock of version 1:22.1, once it was written."""
        return self.folder / "first.lock"

    def publish(self, version: str, library: str = "one") -> None:
        """The suite has this version of Asterisk now, and a library of this content, whose version stays."""
        for old in self.folder.glob("*.deb"):
            old.unlink()
        self._build("asterisk-core-sounds-ru-wav", "all", "1", VOICE, "hello")
        self._build("asterisk-moh-opsound-wav", "all", "1", "usr/share/asterisk/moh/song.wav", "la")
        self._build("passwd", "all", "1", "usr/bin/passwd", "never loaded")
        for architecture in ("amd64", "arm64"):
            self._build("libsip", architecture, "1:1", "usr/lib/libsip.so", library)
            needs = "Depends: libsip, passwd\n"
            self._build("asterisk", architecture, version, "usr/sbin/asterisk", version, needs)
            self._list(architecture)
        self._sign()

    def _build(self, name: str, architecture: str, version: str, path: str, content: str, more: str = "") -> None:
        tree = self.folder / "tree"
        shutil.rmtree(tree, ignore_errors=True)
        (tree / "DEBIAN").mkdir(parents=True)
        about = (
            f"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: K5\nDescription: a test\n"
        )
        (tree / "DEBIAN" / "control").write_text(about + more)
        file = tree / path
        file.parent.mkdir(parents=True)
        file.write_text(content)
        file.chmod(0o755)
        target = self.folder / f"{name}_{version.replace(':', '')}_{architecture}.deb"
        build = ["dpkg-deb", "-Znone", "--root-owner-group", "-b", str(tree), str(target)]
        same = self.environ | {"SOURCE_DATE_EPOCH": "0"}  # what is published twice is the same file
        subprocess.run(build, env=same, check=True, capture_output=True)

    def _list(self, architecture: str) -> None:
        entries = []
        for deb in sorted([*self.folder.glob("*_all.deb"), *self.folder.glob(f"*_{architecture}.deb")]):
            about = subprocess.run(["dpkg-deb", "-f", deb], check=True, capture_output=True, text=True).stdout
            content = deb.read_bytes()
            sum_ = hashlib.sha256(content).hexdigest()
            entries.append(f"{about}Filename: {deb.name}\nSize: {len(content)}\nSHA256: {sum_}\n")
        place = self.folder / "dists" / "forky" / "main" / f"binary-{architecture}"
        place.mkdir(parents=True, exist_ok=True)
        (place / "Packages").write_text("\n".join(entries))

    def _sign(self) -> None:
        suite = self.folder / "dists" / "forky"
        lists = [path.read_bytes() for path in sorted(suite.glob("main/*/Packages"))]
        names = [path.relative_to(suite).as_posix() for path in sorted(suite.glob("main/*/Packages"))]
        sums = "".join(
            f" {hashlib.sha256(text).hexdigest()} {len(text)} {name}\n" for text, name in zip(lists, names, strict=True)
        )
        release = (
            "Suite: forky\nCodename: forky\nComponents: main\nArchitectures: amd64 arm64\n"
            f"Date: Wed, 01 Jan 2020 00:00:00 UTC\nSHA256:\n{sums}"
        )
        self._gpg("--clearsign", "--output", suite / "InRelease", given=release)

    def _gpg(self, *words: str | Path, given: str = "") -> None:
        command = ["gpg", "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "", *words]
        subprocess.run(command, env=self.environ, input=given, text=True, check=True, capture_output=True)

    def make_key(self) -> None:
        self._gpg("--quick-gen-key", "archive@k5.example", "ed25519", "sign", "never")
        self._gpg("--output", self.key, "--export")


@dataclass(frozen=True)
class Machine:
    """Where the switch is brought to, with a lock of its own."""

    archive: Archive
    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "asterisk"

    @property
    def lock(self) -> Path:
        return self.folder / "packages.lock"

    def fetch(self, *words: str, strict: bool = False) -> subprocess.CompletedProcess[str]:
        environ = self.archive.environ | {
            "ASTERISK_ROOT": str(self.root),
            "ASTERISK_LOCK": str(self.lock),
            "ASTERISK_APT_URI": f"copy:{self.archive.folder}",
            "ASTERISK_APT_KEYRING": str(self.archive.key),
            "ASTERISK_STRICT": "yes" if strict else "",
        }
        return subprocess.run([FETCH, *words], env=environ, capture_output=True, text=True, timeout=300)

    def has(self) -> str:
        return (self.root / "usr/sbin/asterisk").read_text()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    lacks = [tool for tool in ("gpg", "apt-get", "dpkg-deb") if shutil.which(tool) is None]
    if lacks:
        do_without(f"no {lacks} here: a Debian with gnupg is needed")
    folder = tmp_path_factory.mktemp("archive")
    (folder / "keys").mkdir(mode=0o700)
    made = Archive(folder, folder / "key.gpg", foreign_environ() | {"GNUPGHOME": str(folder / "keys")})
    made.make_key()
    yield made
    subprocess.run(["gpgconf", "--kill", "all"], env=made.environ, check=False)


@pytest.fixture
def machine(archive: Archive, tmp_path: Path) -> Machine:
    archive.publish("1:22.1")
    found = Machine(archive, tmp_path)
    if not archive.first_lock.exists():
        assert found.fetch("--renew").returncode == 0
        shutil.move(found.lock, archive.first_lock)
    shutil.copy(archive.first_lock, found.lock)
    return found


def test_what_the_lock_names_comes_and_what_is_never_loaded_does_not(machine: Machine) -> None:
    done = machine.fetch(strict=True)
    assert (done.returncode, done.stdout) == (0, f"{machine.root}\n"), done.stderr
    assert machine.has() == "1:22.1"
    assert (machine.root / "usr/share/asterisk/sounds/ru/hello.wav").read_text() == "hello"
    assert not (machine.root / "usr/bin/passwd").exists()
    unpacked = (machine.root / "packages").read_text().splitlines()
    assert len(unpacked) == 4
    assert set(unpacked) <= set(machine.lock.read_text().splitlines())


def test_another_file_under_a_locked_name_is_never_unpacked(machine: Machine) -> None:
    """Signed as it may be; the same holds where the suite has moved on."""
    machine.archive.publish("1:22.1", library="another")
    refused = machine.fetch()
    assert refused.returncode == 1
    assert re.search(r"libsip 1:1 is not the file that packages\.lock names: its SHA-256 is", refused.stderr)
    machine.archive.publish("1:22.2", library="another")
    assert "libsip 1:1 is not the file" in machine.fetch().stderr
    assert not machine.root.exists()


def test_where_the_suite_has_moved_on_it_is_said_or_refused(machine: Machine) -> None:
    machine.archive.publish("1:22.2")
    refused = machine.fetch(strict=True)
    assert refused.returncode == 1
    assert "Version '1:22.1' for 'asterisk' was not found" in refused.stderr
    assert "fetch --renew" in refused.stderr
    assert not machine.root.exists()
    done = machine.fetch()
    assert done.returncode == 0, done.stderr
    assert (done.returncode, machine.has()) == (0, "1:22.2"), done.stderr
    assert "fetch: WARNING: forky has not what packages.lock names" in done.stderr
    assert "fetch: not in packages.lock: asterisk 1:22.2" in done.stderr
    assert "not in packages.lock: libsip" not in done.stderr


def test_a_renewed_lock_is_brought_in_place_of_the_old_one(machine: Machine) -> None:
    assert machine.fetch(strict=True).returncode == 0
    machine.archive.publish("1:22.2")
    assert machine.fetch().stdout == f"{machine.root}\n"
    assert machine.has() == "1:22.1"  # nobody's switch changes by itself
    assert machine.fetch().stderr == ""
    assert machine.fetch("--renew").returncode == 0
    assert "has other versions than packages.lock" in machine.fetch().stderr
    done = machine.fetch("--again", strict=True)
    assert (done.returncode, machine.has()) == (0, "1:22.2"), done.stderr
    assert sorted(path.name for path in machine.folder.iterdir()) == ["asterisk", "asterisk.lock", "packages.lock"]


def test_an_archive_signed_by_another_gives_nothing(machine: Machine, tmp_path: Path) -> None:
    release = machine.archive.folder / "dists/forky/InRelease"
    release.write_text(release.read_text().replace("Suite: forky", "Suite: forkx"))
    refused = machine.fetch()
    assert refused.returncode != 0
    assert not machine.root.exists()


def test_the_lock_names_the_switch_for_both_architectures_and_each_package_once() -> None:
    lines = [line for line in LOCK.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9.+-]+ \S+ (amd64|arm64|all) [0-9a-f]{64}", line)] == []
    names = [tuple(line.split()[::2]) for line in lines]
    assert len(set(names)) == len(names)
    assert {("asterisk", "amd64"), ("asterisk", "arm64"), ("asterisk-core-sounds-ru-wav", "all")} <= set(names)
