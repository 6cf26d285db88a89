"""A subscriber's own program, which holds every answer to the description of the API."""

import re
from typing import Any

from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from k5web.web.api import PAPER

B = "+74951234567"


class Program:
    """A subscriber's program: sends its token, believes nothing that the description does not say."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client = app.test_client()
        self.token = token

    def get(self, path: str) -> TestResponse:
        return self.send("GET", path)

    def order(self, key: str = "k1", **body: object) -> TestResponse:
        return self.send("POST", "/calls", {"Idempotency-Key": key}, json={"number": B, **body})

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **content: Any) -> TestResponse:
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        answer = self.client.open(f"/api/v1{path}", method=method, headers=sent, **content)
        assert "Set-Cookie" not in answer.headers
        check(answer, method, path)
        return answer


def check(answer: TestResponse, method: str, path: str) -> None:
    """Hold an answer to the description: its status is listed, its body has the shape said there."""
    described = [
        found
        for place, ways in PAPER["paths"].items()
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", place), "/api/v1" + path.partition("?")[0])
        for way, found in ways.items()
        if way == method.lower()
    ]
    if answer.status_code >= 400:
        assert answer.content_type == "application/problem+json"
        valid({"$ref": "#/components/schemas/Problem"}, answer.get_json())
        code = answer.get_json()["code"]
        assert code in PAPER["x-problems"]
        assert answer.get_json()["type"] == f"http://127.0.0.1:8000/api/v1/openapi.json#/x-problems/{code}"
        assert answer.get_json()["status"] == answer.status_code
        assert not described or str(answer.status_code) in {*described[0]["responses"], "405", "500", "503"}
        return
    schema = described[0]["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
    valid(schema, answer.get_json())


def valid(schema: dict[str, Any], body: object) -> None:
    """Hold a value to a schema of the description."""
    Draft202012Validator(schema | {"components": PAPER["components"]}).validate(body)
