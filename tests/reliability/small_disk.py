"""A small disk of its own for a database: it can be filled to the last byte, and has room again. Root may mount one."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import do_without

_CHUNK = bytes(1 << 16)


class SmallDisk:
    """A file system of a fixed size, and on it a file that takes what is left."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    def fill(self, room: int) -> None:
        """Take all there is but `room` bytes, also while others write."""
        with self._ballast.open("ab", buffering=0) as ballast:
            try:
                while ballast.write(_CHUNK):
                    pass
            except OSError:
                ballast.truncate(max(0, ballast.tell() - room))

    def make_room(self) -> None:
        """Give it all back."""
        self._ballast.unlink()


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """Mount one for a while, where every user may write; what lies on it is gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="k5-disk-", dir="/tmp"))  # a test's own folder is closed to PostgreSQL's user
    try:
        _mount(path, megabytes)
        try:
            yield SmallDisk(path)
        finally:
            subprocess.run(["umount", "--lazy", str(path)], check=True)
    finally:
        path.rmdir()


def _mount(path: Path, megabytes: int) -> None:
    if os.getuid() != 0:
        do_without("only root may mount a disk that can be filled")
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=1777", "k5-trial", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        do_without(f"this machine mounts no small disk: {done.stderr.strip()}")
