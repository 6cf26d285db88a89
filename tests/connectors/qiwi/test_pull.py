"""Notices of Pull: its vectors, its words, its answer's document, its password, its parameters."""

import pytest

from connectors.qiwi import pull
from connectors.qiwi.bills import Bills
from connectors.qiwi.connector import open_connectors
from connectors.qiwi.wire import encoded, sign
from k5web.domain.money import rub
from k5web.domain.payments.connector import Opening
from k5web.domain.payments.notice import (
    OrderEnded,
    OrderPaid,
    Refusal,
    Refused,
)
from k5web.errors import ForgedNotice, NumberUsed, ProviderRefused, ProviderUnknown
from tests.connectors.qiwi.town import Town, answering, top_up
from tests.connectors.qiwi.wire_requests import (
    CREDITED,
    PULL,
    PULL_SIGNED,
    SENT,
    TOPUP,
    TRUE,
    elements,
    opened,
    post,
    pull_notice,
    request_headers,
)


@pytest.mark.parametrize(("comment", "expected"), [("Topup", "cWS15BFJf4fR96gTebpmu6mpY58="), (TOPUP, PULL_SIGNED)])
def test_vectors_of_the_base64_signature(comment: str, expected: str) -> None:
    text = pull.signed_text(SENT | {"comment": comment})
    assert text == f"500.00|K5-2026-000042|RUB|bill|{comment}|0|K5|paid|tel:+79161234567"
    assert encoded(sign(text, "k5-notify-pass", "sha1"), "base64") == expected.encode()


def test_the_body_of_the_second_pull_vector_is_read() -> None:
    body = (
        b"command=bill&bill_id=K5-2026-000042&status=paid&error=0&amount=500.00&user=tel%3A%2B79161234567&prv_name=K5"
        b"&ccy=RUB&comment=%D0%9F%D0%BE%D0%BF%D0%BE%D0%BB%D0%BD%D0%B5%D0%BD%D0%B8%D0%B5+%D1%81%D1%87%D1%91%D1%82%D0%B0"
    )
    notice = opened(PULL).read(post(body, **{"x-api-signature": PULL_SIGNED}))
    assert notice == OrderPaid("K5-2026-000042", rub("500.00"), provider_id="K5-2026-000042")


def test_a_pull_bill_that_could_not_be_paid_is_declined() -> None:
    assert opened(PULL).read(pull_notice(SENT | {"status": "unpaid"})) == OrderEnded("K5-2026-000042", "declined")


def test_the_document_of_a_pull_answer() -> None:
    answer = opened(PULL).answer(TRUE["pull"][1], None, CREDITED)
    assert answer.body == (b'<?xml version="1.0" encoding="UTF-8"?>\n<result><result_code>0</result_code></result>')


def test_pull_by_password() -> None:
    partner = opened(PULL, authentication="basic")
    body = TRUE["pull"][1].body
    good = post(body, authorization="Basic MzczNzEyOms1LW5vdGlmeS1wYXNz")
    assert isinstance(partner.read(good), OrderPaid)
    for wrong in (TRUE["pull"][1], post(body, authorization="Basic MzczNzEyOms1LW5vdGlmeS1wYXN0")):
        with pytest.raises(ForgedNotice):
            partner.read(wrong)
    answer = partner.answer(good, None, Refused(Refusal.FORGED))
    assert (answer.status, elements(answer)) == (401, {"result_code": "150"})


def test_s6_pulls_repeated_parameters_are_not_believed() -> None:
    for more in (b"&amount=900.00", b"&AMOUNT=900.00", b"&amount[]=900.00"):
        body = TRUE["pull"][1].body + more
        with pytest.raises(ForgedNotice):
            opened(PULL).read(post(body, **request_headers(TRUE["pull"][1])))


def test_pulls_new_parameters_take_part_in_the_signature() -> None:
    assert opened(PULL).read(pull_notice(SENT | {"zzz": "1"})) == opened(PULL).read(TRUE["pull"][1])
    with pytest.raises(ForgedNotice):
        opened(PULL).read(pull_notice(SENT | {"zzz": "1"}, PULL_SIGNED))


@pytest.mark.server
def test_a_bill_to_a_phone_needs_one(town: Town) -> None:
    with pytest.raises(ProviderRefused):
        town.sites["pull"].start(top_up(town, payer_phone=""))


@pytest.mark.server
@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("300", ProviderUnknown), ("13", ProviderUnknown), ("5", ProviderRefused), ("215", NumberUsed),
        ("150", ProviderRefused), ("241", ProviderRefused), ("777", ProviderUnknown), ("0", ProviderUnknown),
    ],
)  # fmt: skip
def test_pulls_codes_mean_what_its_own_table_says(town: Town, code: str, error: type[Exception]) -> None:
    """300 is final in the provider protocol and not here; an unknown code is an error."""
    with answering((200, b'{"response":{"result_code":%s}}' % code.encode())) as (url, _):
        [site] = open_connectors([PULL | {"base_url": url}], Opening(town.url, town.clock))
        assert isinstance(site, Bills)
        with pytest.raises(error):
            site.start(top_up(town))
