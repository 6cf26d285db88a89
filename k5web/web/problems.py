"""Refusals for programs: RFC 9457 problem details in place of a page, under /api/ and nowhere else."""

import json
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from flask import Response, request
from werkzeug.http import HTTP_STATUS_CODES

from k5web.domain.money import Money, Price
from k5web.errors import K5Error
from k5web.web.context import settings

ROOT: Final = "/api/"
DESCRIPTION: Final = "/api/v1/openapi.json"
KIND: Final = "application/problem+json"
TOLD: Final = frozenset(
    (
        "available",
        "needed",
        "was",
        "now",
        "wait_s",
        "live_call_id",
        "where",
        "limit",
        "most",
        "left",
        "direction",
        "until",
    )
)


def is_for_program() -> bool:
    """Return whether a program asks, and not a person."""
    return request.path.startswith(ROOT)


def of_refusal(error: K5Error, words: str) -> Response:
    """Return the problem of a refusal: its stable code, its words, and those of its facts that a program may use."""
    facts = {name: _plain(value) for name, value in error.facts.items() if name in TOLD and value is not None}
    answer = _problem(error.status, error.code, words, facts)
    if error.status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="K5", error="invalid_token"'
    if error.code == "token_may_not_call":
        answer.headers["WWW-Authenticate"] = 'Bearer realm="K5", error="insufficient_scope"'
    if "wait_s" in facts:
        answer.headers["Retry-After"] = str(facts["wait_s"])
    return answer


def of_status(status: int, words: str) -> Response:
    """Return the problem of a bare HTTP status; its code is its name: `method_not_allowed`."""
    return _problem(status, HTTP_STATUS_CODES[status].lower().replace(" ", "_"), words, {})


def _problem(status: int, code: str, words: str, facts: dict[str, Any]) -> Response:
    body = {
        "type": f"{settings().public_url}{DESCRIPTION}#/x-problems/{code}",
        "title": HTTP_STATUS_CODES[status],
        "status": status,
        "detail": words,
        "code": code,
        **facts,
    }
    return Response(json.dumps(body, ensure_ascii=False), status, content_type=KIND)


def money(sum_: Money | Price) -> dict[str, str]:
    """Return a sum or a price as programs read it: never a number, which would become a float."""
    return {"amount": str(sum_), "currency": sum_.currency}


def moment(at: datetime | None) -> str | None:
    """Return a moment, always UTC, as programs read it."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    return money(value) if isinstance(value, Money | Price) else value
