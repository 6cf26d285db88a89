"""What serves the pages is told by K5 alone: no file of the machine changes it."""

from flask import Flask
from gunicorn.config import Config

from k5web.cli.web_process import THREADS, Web, run_web


def test_gunicorn_is_set_by_k5_alone(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    served: list[Config] = []
    monkeypatch.setattr(Web, "run", lambda self: served.append(self.cfg))
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--threads 1 --forwarded-allow-ips=*")
    run_web(["127.0.0.1:0"], 3, lambda: Flask("nothing"))
    [told] = served
    assert (told.workers, told.threads, told.forwarded_allow_ips) == (3, THREADS, [])
