"""The SwitchTables port over the files of a switch on this machine, a real Asterisk or the simulated one."""

import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from k5web.config.switches import SwitchSettings
from k5web.domain.pbx.switch_tables import AheadKey, PbxImage
from k5web.errors import NotFound, SwitchFilesClosed, SwitchSilent
from k5web.outgoing.request import Remote
from k5web.telephony.accounts_file import AccountsFile
from k5web.telephony.ami import Ami

ACCOUNTS: Final = "lib/accounts.sqlite3"  # these below the switch's directory
QUEUES: Final = "lib/queues_k5.conf"
SOUNDS: Final = "lib/k5"
PROMPT: Final = ".alaw"  # bare A-law, as trunks carry it: the switch has nothing to convert
RECORDINGS: Final = "spool/recording"
AHEAD: Final = "k5-ahead"  # the family of holds ahead in the switch's own database

_DIGEST = re.compile(r"[0-9a-f]{16,64}", re.ASCII)
_RECORDING = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}", re.ASCII)


class SwitchFiles:
    """All of it lies below `SwitchSettings.directory`; a real switch is asked over the network for two things only:
    to load its queues again, and to keep a hold ahead in its own database, from which a call takes it out."""

    def __init__(
        self,
        settings: SwitchSettings,
        clock: Callable[[], datetime],
        timeout_s: tuple[float, float] = (2.0, 5.0),
    ) -> None:
        """Units: `timeout_s` seconds to connect and to wait for an answer."""
        assert settings.directory is not None, "this switch's files are on another machine"
        self.name = settings.name
        self._settings = settings
        self._clock = clock
        self._folder = settings.directory
        is_real = settings.kind == "asterisk"
        self._accounts = AccountsFile(self._folder / ACCOUNTS, make_folder=not is_real)
        self._remote = Remote(settings.name, timeout_s, never_sent=SwitchSilent, unknown=SwitchSilent)
        host, _, port = settings.ami.rpartition(":")
        ami = Ami(host.strip("[]"), int(port), settings.ari_user, settings.ari_password, timeout_s[1])
        self._ami = ami if is_real else None

    def versions(self) -> Mapping[int, int]:
        """Return which version of each organisation the switch has."""
        return self._accounts.versions()

    def tell_settings(self) -> None:
        """Tell the switch what the settings say of all its calls, where it has heard otherwise."""
        self._accounts.tell_emergency(self._emergency)

    def write(self, images: Sequence[PbxImage]) -> None:
        """Put these organisations in place of what was there of them; a call keeps the rule that it began with."""
        now_s = int(self._clock().timestamp())
        queues = self._accounts.put(images, self._emergency, now_s, self._write_queues)
        self._load_queues(queues)
        self._accounts.tell_versions(images, queues)

    def forget(self, owner_ids: Sequence[int]) -> None:
        """Take everything of these organisations away."""
        queues = self._accounts.forget(owner_ids, self._write_queues)
        self._load_queues(queues)
        self._accounts.tell_versions((), queues)

    def hold_ahead(self, key: AheadKey, answer: str, until: datetime) -> None:
        """Give the switch an answer that it takes once, where K5 is silent, until that moment."""
        value = f"{answer}|{int(until.timestamp())}"
        if self._ami is None:
            self._accounts.hold_ahead(_ahead(key), value)
        else:
            self._ami.put(AHEAD, _ahead(key), value)

    def withdraw(self, key: AheadKey) -> bool:
        """Take such an answer back; False where it is not there: it is being spent."""
        if self._ami is None:
            return self._accounts.withdraw(_ahead(key))
        return self._ami.delete(AHEAD, _ahead(key))

    def greeting_owners(self) -> frozenset[int]:
        """Return which organisations have prompts of their own there."""
        names = _listed(self._folder / SOUNDS / "o")
        return frozenset(int(name) for name in names if name.isascii() and name.isdigit())

    def greetings(self, owner_id: int) -> frozenset[str]:
        """Return the digests of an organisation's own prompts that are there."""
        names = [Path(name) for name in _listed(self._greeting_folder(owner_id))]
        return frozenset(name.stem for name in names if name.suffix == PROMPT and _DIGEST.fullmatch(name.stem))

    def put_greeting(self, owner_id: int, digest: str, sound: bytes) -> None:
        """Put a prompt where rules find it as `o/<owner>/<digest>`; it appears when all of it is written."""
        path = self._greeting(owner_id, digest)
        with closed_files(path):
            if self._ami is not None:
                self._folder.stat()  # of a switch that is not installed there no folder is made
            path.parent.mkdir(parents=True, exist_ok=True)
            path.parent.chmod(0o770)  # the switch is of K5's group
            put_file(path, sound)

    def remove_greeting(self, owner_id: int, digest: str) -> None:
        """Take it away, with its folder where it was the last; one that is not there is fine."""
        path = self._greeting(owner_id, digest)
        with closed_files(path):
            path.unlink(missing_ok=True)
            with suppress(OSError):  # others are there, or the folder is gone
                path.parent.rmdir()

    def recordings(self) -> Iterator[tuple[str, int, datetime]]:
        """Yield name, size in bytes and last change of each recorded file."""
        folder = self._folder / RECORDINGS
        if not folder.exists():  # nothing was recorded yet
            return
        with closed_files(folder), os.scandir(folder) as entries:
            for entry in entries:
                if not (_RECORDING.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)):
                    continue
                try:
                    found = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # deleted meanwhile
                    continue
                yield entry.name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC)

    def read_recording(self, file: str, start: int, length: int) -> bytes:
        """Return a part of a recorded file. Raises: NotFound for a name that is none, or no file."""
        path = self._recording(file)
        with closed_files(path):
            try:
                handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            except FileNotFoundError as error:
                raise NotFound(what="recording") from error
            with os.fdopen(handle, "rb") as opened:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    raise NotFound(what="recording")
                opened.seek(start)
                return opened.read(length)

    def remove_recording(self, file: str) -> None:
        """Delete a recorded file; one that is not there is fine."""
        path = self._recording(file)
        with closed_files(path):
            path.unlink(missing_ok=True)

    def disk_used(self) -> float:
        """Return which part of the disk that holds the recordings is full, 0 to 1."""
        with closed_files(self._folder):
            used = shutil.disk_usage(self._folder)
            return used.used / (used.used + used.free)  # what only root may still fill is not free

    @property
    def _emergency(self) -> str:
        return f"{self._settings.emergency}|{self._settings.caller_id}" if self._settings.emergency else ""

    def _greeting(self, owner_id: int, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise NotFound(what="greeting")  # nothing but a digest becomes a part of a path
        return self._greeting_folder(owner_id) / f"{digest}{PROMPT}"

    def _greeting_folder(self, owner_id: int) -> Path:
        return self._folder / SOUNDS / "o" / str(owner_id)

    def _recording(self, file: str) -> Path:
        if not _RECORDING.fullmatch(file):
            raise NotFound(what="recording")
        return self._folder / RECORDINGS / file

    def _write_queues(self, text: str) -> None:
        path = self._folder / QUEUES
        if text != (path.read_text("utf-8") if path.exists() else ""):
            put_file(path, text.encode())

    def _load_queues(self, digest: str) -> None:
        """Let a real switch take over the queues where they are others than it has. Raises: SwitchSilent."""
        if self._ami is None or digest == self._accounts.loaded_queues():
            return
        auth = (self._settings.ari_user, self._settings.ari_password)
        url = f"{self._settings.ari_url}/asterisk/modules/app_queue.so"
        answer = self._remote.request("PUT", url, auth=auth)
        if not answer.is_success:
            raise SwitchSilent(reason=f"queues: status {answer.status}")


@contextmanager
def closed_files(path: Path) -> Iterator[None]:
    """Raise SwitchFilesClosed in place of the system's own words."""
    try:
        yield
    except OSError as error:
        raise SwitchFilesClosed(reason=f"{path}: {error.strerror}") from error


def _listed(folder: Path) -> list[str]:
    """Return the names in a folder, none where there is no such folder."""
    with closed_files(folder):
        try:
            return os.listdir(folder)
        except FileNotFoundError:
            return []


def put_file(path: Path, content: bytes) -> None:
    """Write a file that takes its name when all of it is on the disk; the switch, of K5's group, may read it."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        with part.open("xb") as file:  # a new one: nobody of the group leads a command of root's elsewhere by a link
            os.fchmod(file.fileno(), 0o640)
            if os.geteuid() == 0:  # a command typed by root: the file is K5's and the switch's as all others there
                owner = path.parent.stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _ahead(key: AheadKey) -> str:
    return f"{key.owner_id}/{key.kind}-{key.number}"
