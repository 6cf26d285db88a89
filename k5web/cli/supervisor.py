"""Keeps the processes of `k5 dev` alive: a dead one is started again after a growing pause, all end together."""

import contextlib
import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from k5web.cli.terminal import echo
from k5web.errors import K5Error

logger = logging.getLogger(__name__)

SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 1, 30
STEADY_S = 60  # whoever lived that long begins with the shortest pause again
END_S = 8  # what a child may take to end by itself
PR_SET_PDEATHSIG = 1
READY = signal.SIGUSR1  # a child says with it that the pages answer
WATCHED = {signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP, READY}


@dataclass
class Child:
    """One part of K5 in a process of its own. `run` returns or raises when it ends."""

    name: str
    run: Callable[[], object]
    pid: int | None = None
    started_at: float = 0
    pause_s: int = SHORTEST_PAUSE_S
    due_at: float = field(default=0)  # when to start it (again)


def supervise(children: list[Child], on_ready: Callable[[], None]) -> None:
    """Run all children until SIGINT, SIGTERM or SIGHUP, then end them; `on_ready` is called at the first READY."""
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    was_ready = False
    while True:
        for child in children:
            if child.pid is None and child.due_at <= time.monotonic():
                _start(child)
        caught = _wait_signal(_next_due(children))
        if caught == READY and not was_ready:
            was_ready = True
            on_ready()
        elif caught == signal.SIGCHLD:
            for child in _reap(children):
                _plan_restart(child)
        elif caught in {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}:
            break
    _end(children)


def say_ready(supervisor_pid: int) -> None:
    """Tell the supervisor, from whichever process below it, that the pages answer."""
    os.kill(supervisor_pid, READY)


def run_once(task: Callable[[], object]) -> bool:
    """Run a task in a process of its own, so that nothing it opened stays here; True where it went well."""
    child = Child("task", task)
    _start(child)
    _, status = os.waitpid(child.pid or 0, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _wait_signal(timeout_s: float | None) -> int | None:
    if timeout_s is None:
        return signal.sigwait(WATCHED)
    found = signal.sigtimedwait(WATCHED, timeout_s)
    return None if found is None else found.si_signo


def _next_due(children: list[Child]) -> float | None:
    pauses = [child.due_at - time.monotonic() for child in children if child.pid is None]
    return max(0, min(pauses)) if pauses else None


def _start(child: Child) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _become(child, parent)
    child.pid, child.started_at = pid, time.monotonic()


def _become(child: Child, parent: int) -> NoReturn:
    """Be the child: in a group of its own, for Ctrl-C is the supervisor's; gone when the supervisor is gone."""
    code = 1
    try:
        os.setpgid(0, 0)
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        if os.getppid() == parent:
            child.run()
            code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(bool(leaving.code))
    except KeyboardInterrupt:
        code = 130
    except K5Error as refusal:
        echo(f"k5: {child.name}: {refusal}", err=True)
    except BaseException:  # the last line of this process: say what happened and leave
        logger.exception("%s failed", child.name)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _reap(children: list[Child]) -> list[Child]:
    """Collect who has ended: one SIGCHLD may stand for several."""
    ended = []
    for child in children:
        if child.pid is not None and os.waitpid(child.pid, os.WNOHANG)[0]:
            _kill_group(child.pid)  # a killed gunicorn leaves its workers behind
            child.pid = None
            ended.append(child)
    return ended


def _plan_restart(child: Child) -> None:
    now = time.monotonic()
    if now - child.started_at >= STEADY_S:
        child.pause_s = SHORTEST_PAUSE_S
    echo(f"k5: {child.name} ended unasked; starting it again in {child.pause_s} s", err=True)
    child.due_at = now + child.pause_s
    child.pause_s = min(2 * child.pause_s, LONGEST_PAUSE_S)


def _end(children: list[Child]) -> None:
    """Ask all to end, then wait; a second signal or END_S later, kill what is left."""
    for child in children:
        if child.pid is not None:
            os.kill(child.pid, signal.SIGTERM)
    until = time.monotonic() + END_S
    while any(child.pid for child in children) and time.monotonic() < until:
        caught = _wait_signal(max(0, until - time.monotonic()))
        _reap(children)
        if caught not in {signal.SIGCHLD, READY}:
            break
    for child in children:
        if child.pid is not None:
            _kill_group(child.pid)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
