"""Files that staff hand in: kept, then worked on by the worker, with what it has done so far in sight.

Whoever works on a file holds a lease and tells of the progress, which renews it. Whoever is killed leaves only a lease
that runs out; then another begins anew, and what was done already is found by its name.
"""

import logging
import secrets
import time
import zlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

from k5web.domain.desk.job import ASKS_FOR, LEASE, Job, JobState, JobWish
from k5web.errors import K5Error, NotFound, Unavailable
from k5web.services.desk.job_kinds import KINDS
from k5web.services.ports import Ports
from k5web.storage.desk import job_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

PART_BYTES: Final = 256 * 1024
NOTED_EVERY_S: Final = 0.5
A_PAGE: Final = 25


class _Lost(Exception):
    """The job is another's now."""


@transactional
def begin(ports: Ports, actor: str, wish: JobWish, file: IO[bytes]) -> Job:
    """Keep a file and put what is to be done with it into the queue; the same form asks for it once."""
    assert wish.kind in KINDS, wish.kind
    with ports.sessions.begin() as db:
        if known := job_rows.find_by_form_key(db, wish.form_key):
            return known
        size = file.seek(0, 2)
        file.seek(0)
        parts = (zlib.compress(part, 1) for part in iter(lambda: file.read(PART_BYTES), b""))
        return job_rows.add(db, wish, parts, size, actor, ports.clock())


def find(ports: Ports, job_id: int) -> Job:
    """Return a job. Raises: NotFound."""
    with ports.sessions.read() as db:
        return NotFound.unless(job_rows.find(db, job_id), f"job {job_id}")


def page(ports: Ports, before: int | None = None, kinds: Collection[str] | None = None) -> list[Job]:
    """Return the newest jobs, those before one of them, of some kinds where they are named."""
    with ports.sessions.read() as db:
        return job_rows.page(db, before, A_PAGE, kinds)


@transactional
def say_right(ports: Ports, job_id: int) -> Job:
    """Let a job go on that asks whether something is right; a second time changes nothing. Raises: NotFound."""
    with ports.sessions.begin() as db:
        job = NotFound.unless(job_rows.find(db, job_id), f"job {job_id}")
        job_rows.go_on(db, job_id, {**job.options, "is_sure": True})
        return NotFound.unless(job_rows.find(db, job_id), f"job {job_id}")


@transactional
def give_up(ports: Ports, job_id: int) -> None:
    """End a job that asks; nothing of it is done."""
    with ports.sessions.begin() as db:
        job_rows.give_up(db, job_id, ports.clock())


def run_due(ports: Ports) -> int:
    """Do what waits, one job after the other; return how many came to an end."""
    ended = 0
    while (job := _claim(ports, maker := secrets.token_hex(8))) is not None:
        ended += _run(ports, job, maker)
    return ended


@transactional
def sweep(ports: Ports) -> None:
    """End what was begun too often, and what waits too long for an answer."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        if failed := job_rows.end_left(db, now, now - ASKS_FOR):
            logger.error("jobs could not be done", extra={"jobs": failed})


@transactional
def _claim(ports: Ports, maker: str) -> Job | None:
    """Take the oldest that nobody works on; the database's one writer is troubled only where there is one."""
    now = ports.clock()
    with ports.sessions.read() as db:
        if job_rows.oldest_free(db, now) is None:
            return None
    with ports.sessions.begin() as db:
        return job_rows.claim(db, maker, now, now + LEASE)


def _run(ports: Ports, job: Job, maker: str) -> bool:
    """Carry one job out; False where it is left for another try."""
    kind = KINDS[job.kind]
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"file{Path(job.file_name).suffix}"
        with path.open("wb") as file:
            file.writelines(_content(ports, job))
        try:
            result = kind.carry_out(ports, job, path, _Noted(ports, job, maker))
            ended = _end(ports, job, maker, JobState.DONE, result)
        except Unavailable:
            logger.warning("a job waits for its next try", extra={"job": job.id})
            return False
        except K5Error as refusal:
            state = JobState.ASKING if isinstance(refusal, kind.asks) else JobState.REFUSED
            facts = kind.told(refusal)
            ended = _end(ports, job, maker, state, {**_told(refusal, path, job.file_name), "facts": facts})
        except _Lost:
            ended = False
        except Exception:  # a fault of ours: its lease runs out, and it is tried again
            logger.exception("a job failed", extra={"job": job.id})
            return False
    logger.info("a job ended" if ended else "a job is another's now", extra={"job": job.id, "kind": job.kind})
    return ended


def _content(ports: Ports, job: Job) -> Iterator[bytes]:
    for n in range(-(-job.size // PART_BYTES)):
        with ports.sessions.read() as db:
            part = NotFound.unless(job_rows.part(db, job.id, n), "such file")
        yield zlib.decompress(part)


class _Noted:
    """Writes down how far a job is, not more often than a page asks for it. Raises: _Lost."""

    def __init__(self, ports: Ports, job: Job, maker: str) -> None:
        self._ports, self._job, self._maker = ports, job, maker
        self._doing, self._next_at = "", 0.0

    def __call__(self, doing: str, done: int, total: int) -> None:
        now = time.monotonic()
        if doing == self._doing and now < self._next_at:
            return
        self._doing, self._next_at = doing, now + NOTED_EVERY_S
        if not _note(self._ports, self._job, self._maker, doing, done, total):
            raise _Lost


@transactional
def _note(ports: Ports, job: Job, maker: str, doing: str, done: int, total: int) -> bool:
    with ports.sessions.begin() as db:
        return job_rows.note_progress(db, job.id, maker, doing, done, total, ports.clock() + LEASE)


@transactional
def _end(ports: Ports, job: Job, maker: str, state: JobState, result: Mapping[str, Any]) -> bool:
    with ports.sessions.begin() as db:
        return job_rows.finish(db, job.id, maker, state, result, ports.clock())


def _told(refusal: K5Error, path: Path, file_name: str) -> Mapping[str, Any]:
    """Return a refusal as a page tells it: of the file as it was named, not of ours."""
    words = str(refusal).replace(str(path), file_name)
    return {"code": refusal.code, "words": words, "line": refusal.facts.get("line")}
