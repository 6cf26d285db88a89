"""Talking to the gateway: each answer has its meaning, none is repeated, and no secret is written down."""

import json
import logging
from collections.abc import Callable

import pytest
from werkzeug.wrappers import Request, Response

from connectors.cards import acquirer as acquirers
from connectors.cards import sandbox
from connectors.cards.gateway import Gateway as OneGateway
from connectors.cards.wire import ErrorMeaning, Method
from k5web.errors import K5Error, NumberUsed, ProviderRefused, ProviderUnknown
from k5web.logs import OneLine
from tests.conftest import Clock
from tests.connectors.cards.acquirer import Gateway, a_top_up, acquirer_table, answer, begun
from tests.connectors.serving import served

pytestmark = pytest.mark.server


def test_a_wrong_login_is_a_refusal(clock: Clock) -> None:
    with Gateway(clock) as gateway:
        wrong = sandbox.serve([], gateway.options)
        gateway.app = wrong
        with pytest.raises(ProviderRefused):
            gateway.connector.start(a_top_up(clock))
        with pytest.raises(ProviderUnknown):
            gateway.connector.look(a_top_up(clock))


@pytest.mark.parametrize(
    ("trouble", "refusal"),
    [
        (answer("", 400), ProviderUnknown),
        (answer("", 404), ProviderRefused),
        (answer("", 405), ProviderRefused),
        (answer("", 429), ProviderRefused),
        (answer("", 500), ProviderUnknown),
        (answer("", 302), ProviderUnknown),
        (answer("<html>"), ProviderUnknown),
        (answer("[]"), ProviderUnknown),
        (answer('{"errorCode":"0","errorCode":"0"}'), ProviderUnknown),
        (answer('{"errorCode":"77"}'), ProviderUnknown),
        (answer('{"errorCode":"1"}'), NumberUsed),
        (answer('{"errorCode":1}'), NumberUsed),
        (answer('{"errorCode":"3"}'), ProviderRefused),
        (answer('{"errorCode":"4"}'), ProviderRefused),
        (answer('{"errorCode":"5"}'), ProviderRefused),
        (answer('{"errorCode":"7"}'), ProviderUnknown),
        (answer('{"errorCode":"8"}'), ProviderRefused),
        (answer('{"errorCode":"14"}'), ProviderRefused),
        (answer('{"errorCode":"0"}'), ProviderUnknown),
        (answer('{"errorCode":"0","orderId":"1","formUrl":"javascript:1"}'), ProviderUnknown),
        (answer('{"errorCode":"0","orderId":"<b>","formUrl":"http://a"}'), ProviderUnknown),
    ],
)
def test_each_answer_to_a_registration_has_its_meaning(
    trouble: Callable[[], Response], refusal: type[K5Error], classic: Gateway, clock: Clock
) -> None:
    classic.trouble = {"register": trouble}
    with pytest.raises(refusal) as raised:
        classic.connector.start(a_top_up(clock))
    assert raised.type is refusal


def test_a_gateway_that_is_not_there_has_done_nothing(clock: Clock) -> None:
    with Gateway(clock) as gateway:
        pass
    with pytest.raises(ProviderRefused):
        gateway.connector.start(a_top_up(clock))
    with pytest.raises(ProviderUnknown):
        gateway.connector.look(a_top_up(clock))


def test_no_secret_and_no_person_is_in_the_log_or_in_the_order(
    gateway: Gateway, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        top_up = a_top_up(clock, payer_phone="79161234567")
        begun(gateway, top_up)
        with pytest.raises(NumberUsed):
            gateway.connector.start(top_up)
    written = caplog.text + "".join(
        OneLine().format(record) for record in caplog.records if record.name.startswith("conn")
    )
    assert "s3cret-password" not in written
    assert "79161234567" not in json.dumps(gateway.asked)
    assert "secret" not in written


@pytest.mark.parametrize(
    ("protocol", "content_type"), [("rbs", "application/x-www-form-urlencoded"), ("rbs-ecom", "application/json")]
)
def test_each_generation_gets_the_form_that_it_reads(protocol: str, content_type: str, clock: Clock) -> None:
    """A table inside the fields is a JSON text in a form, and an object in JSON; login and fields go together."""
    heard: list[Request] = []

    def hear(request: Request) -> Response:
        request.get_data()
        heard.append(request)
        return answer('{"errorCode":"0","orderId":"x"}')()

    with served(Request.application(hear)) as url:
        acquirer = acquirers.read(acquirer_table(base_url=url, protocol=protocol))
        fields, meaning = OneGateway(acquirer, (20.0, 20.0)).ask(
            Method.REGISTER, {"orderNumber": "K5-1-1", "jsonParams": {"a": "1"}}
        )
    assert (fields["orderId"], meaning) == ("x", None)
    [request] = heard
    assert (request.method, request.path) == ("POST", f"{acquirer.rest_path}/register.do")
    assert request.content_type.partition(";")[0] == content_type
    sent = request.get_json() if protocol == "rbs-ecom" else request.form.to_dict()
    assert sent["jsonParams"] == ({"a": "1"} if protocol == "rbs-ecom" else '{"a": "1"}')
    assert (sent["userName"], sent["password"], sent["orderNumber"]) == ("k5-api", "s3cret-password", "K5-1-1")


def test_a_known_code_is_a_meaning_and_an_unknown_one_is_unclear(classic: Gateway) -> None:
    one = OneGateway(acquirers.read(classic.table), (20.0, 20.0))
    classic.trouble = {"refund": answer('{"errorCode":"5","errorMessage":"Неверная сумма"}')}
    assert one.ask(Method.REFUND, {"orderId": "x"})[1] is ErrorMeaning.REFUSED
    classic.trouble = {"refund": answer('{"errorCode":"99"}')}
    with pytest.raises(ProviderUnknown, match=r"refund\.do answered with an unknown code 99"):
        one.ask(Method.REFUND, {"orderId": "x"})
