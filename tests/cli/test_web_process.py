"""What serves the pages is told by K5 alone: no file of the machine changes it."""

from types import SimpleNamespace

from flask import Flask
from gunicorn.config import Config

from k5web.cli.web_process import THREADS, Seats, Web, run_web


def test_gunicorn_is_set_by_k5_alone(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    served: list[Config] = []
    monkeypatch.setattr(Web, "run", lambda self: served.append(self.cfg))
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--threads 1 --forwarded-allow-ips=*")
    run_web(["127.0.0.1:0"], 3, lambda: Flask("nothing"))
    [told] = served
    assert (told.workers, told.threads, told.forwarded_allow_ips) == (3, THREADS, [])


def test_a_successor_takes_the_seat_of_who_is_gone() -> None:
    seats, workers = Seats(), [SimpleNamespace() for _ in range(4)]
    for worker in workers[:3]:
        seats.take(None, worker)
    seats.leave(None, workers[1])
    seats.take(None, workers[3])
    assert [worker.seat for worker in workers] == [0, 1, 2, 1]
