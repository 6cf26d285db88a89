"""Talking to the provider: each status has its meaning, what cannot be believed is unclear, nothing is repeated."""

import pytest

from connectors.qiwi.api import Api
from k5web.errors import ProviderRefused, ProviderUnknown
from k5web.outgoing.request import Remote
from tests.connectors.qiwi.town import answering
from tests.processes import free_port

pytestmark = pytest.mark.server


def api(url: str) -> Api:
    return Api(f"{url}/v1", Remote("qiwi:bill", (20.0, 20.0)), "Bearer a-secret")


def test_an_answer_is_its_json_object_with_numbers_as_texts() -> None:
    with answering((200, b'{"id":"x","value":5.10}')) as (url, asked):
        assert api(url).ask("GET", "bills", "K5-1-1") == {"id": "x", "value": "5.10"}
        assert asked == ["GET /v1/bills/K5-1-1"]


def test_what_is_not_there_is_none() -> None:
    with answering((404, b"<html>")) as (url, _):
        assert api(url).ask("GET", "bills", "K5-1-1") is None


@pytest.mark.parametrize("status", [400, 401, 403, 405, 422, 429])
def test_a_refusal_has_the_providers_word_for_it(status: int) -> None:
    with answering((status, b'{"errorCode":"auth.forbidden","userMessage":"x"}')) as (url, asked):
        with pytest.raises(ProviderRefused, match=r"auth\.forbidden"):
            api(url).ask("PUT", "bills", "K5-1-1", json={})
        assert len(asked) == 1


def test_a_refusal_without_a_word_is_told_by_its_status() -> None:
    with answering((403, b"<html>")) as (url, _), pytest.raises(ProviderRefused, match="status 403"):
        api(url).ask("GET", "bills")


@pytest.mark.parametrize("status", [302, 408, 409, 500, 502, 503, 504])
def test_what_may_have_been_done_is_unclear_and_not_repeated(status: int) -> None:
    with answering((status, b"{}")) as (url, asked):
        with pytest.raises(ProviderUnknown, match=f"status {status}"):
            api(url).ask("PUT", "bills", "K5-1-1", json={})
        assert len(asked) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"a":1,"a":2}', b"\xff", b'{"a":NaN}'])
def test_an_answer_that_cannot_be_read_is_unclear(body: bytes) -> None:
    with answering((200, body)) as (url, _), pytest.raises(ProviderUnknown, match="cannot be read"):
        api(url).ask("GET", "bills")


def test_a_provider_that_is_not_there_has_done_nothing() -> None:
    with pytest.raises(ProviderRefused):
        api(f"http://127.0.0.1:{free_port()}").ask("PUT", "bills", "K5-1-1", json={})


def test_a_part_of_the_path_stays_one_part() -> None:
    with answering((200, b"{}")) as (url, asked):
        api(url).ask("GET", "bills", "../payments?x=1#y")
    assert asked == ["GET /v1/bills/../payments?x=1#y"]  # as decoded: it was sent percent-encoded


def test_the_secret_is_not_shown() -> None:
    assert "a-secret" not in repr(api("http://127.0.0.1:1"))
