"""K5's place, for tests of simulated providers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from wsgiref.types import StartResponse, WSGIEnvironment

from k5web.domain.money import rub
from k5web.domain.payments.connector import PaymentConnector
from k5web.domain.payments.notice import (
    Credited,
    Notice,
    NoticeOutcome,
    Refusal,
    Refused,
    WireRequest,
)
from k5web.errors import ForgedNotice
from tests.conftest import Clock


@dataclass
class Desk:
    """K5's place in these tests: hands requests to the connectors and answers as it is told."""

    connectors: dict[str, PaymentConnector] = field(default_factory=dict)
    outcome: Callable[[Notice], NoticeOutcome] = lambda notice: Credited(7, rub("500.00"), Clock().now, True)
    heard: list[Notice] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if "HTTP_" in name}
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        connector = self.connectors[environ["PATH_INFO"].removeprefix("/hooks/")]
        request = WireRequest(
            environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], headers, body, "", Clock().now
        )
        try:
            notice = connector.read(request)
        except ForgedNotice:
            answer = connector.answer(request, None, Refused(Refusal.FORGED))
        else:
            self.heard.append(notice)
            answer = connector.answer(request, notice, self.outcome(notice))
        start_response(f"{answer.status} ", [("Content-Type", answer.content_type)])
        return [answer.body]
