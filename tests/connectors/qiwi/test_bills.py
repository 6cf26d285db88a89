"""Notices about bills in the three protocols: what is believed, what each gets back, what nobody may say."""

import hashlib
import hmac
import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from connectors.qiwi.bills import Bills
from connectors.qiwi.connector import open_connectors
from k5web.domain.money import rub
from k5web.domain.payments.connector import Opening
from k5web.domain.payments.notice import (
    Ignored,
    Look,
    Noted,
    NoticeOutcome,
    OrderEnded,
    OrderPaid,
    Possible,
    Refusal,
    Refused,
    Standing,
    Undone,
    WireRequest,
)
from k5web.domain.payments.top_up import TopUpState
from k5web.errors import ForgedNotice, MalformedNotice, NumberUsed, ProviderRefused, ProviderUnknown, WrongKey
from tests.connectors.qiwi.town import GOOD, SITES, Town, answering, top_up
from tests.connectors.qiwi.wire_requests import (
    BILL,
    CREDITED,
    FORM,
    HEADERS,
    JSON,
    PAYIN,
    PAYIN_SIGNED,
    PAYMENT,
    PULL,
    SENT,
    TRUE,
    bill_notice,
    changed,
    content_type,
    elements,
    hexed,
    opened,
    payin_notice,
    post,
    pull_notice,
    request_headers,
)

# What becomes of a bill


@pytest.mark.parametrize(("status", "state"), [("REJECTED", "declined"), ("EXPIRED", "expired")])
def test_a_bill_that_ends_unpaid(status: str, state: str) -> None:
    ended = opened(BILL).read(bill_notice(status=status))
    assert ended == OrderEnded("K5-2026-000042", state)  # type: ignore[arg-type]
    assert ended == opened(PULL).read(pull_notice(SENT | {"status": status.lower()}))


def test_a_waiting_bill_is_no_news() -> None:
    assert isinstance(opened(BILL).read(bill_notice(status="WAITING")), Ignored)
    assert isinstance(opened(PULL).read(pull_notice(SENT | {"status": "waiting"})), Ignored)


@pytest.mark.parametrize(
    ("table", "request_"),
    [
        (BILL, bill_notice(status="REFUNDED")),
        (BILL, bill_notice(status="paid")),
        (BILL, bill_notice(site="another")),
        (BILL, bill_notice(bill="K5|1")),
        (PULL, pull_notice(SENT | {"status": "PAID"})),
        (PULL, pull_notice(SENT | {"command": "pay"})),
        (PULL, pull_notice(SENT | {"bill_id": ""})),
        (PULL, pull_notice(SENT | {"amount": "500."})),
        (PULL, pull_notice(SENT | {"amount": "5e2"})),
        (PAYIN, payin_notice(PAYMENT | {"status": {"value": "PAID"}}, PAYIN_SIGNED)),
        (PAYIN, payin_notice(PAYMENT | {"billId": "a b"}, PAYIN_SIGNED)),
    ],
)
def test_an_unknown_word_is_an_error_and_never_a_silent_default(
    table: dict[str, object], request_: WireRequest
) -> None:
    with pytest.raises(MalformedNotice):
        opened(table).read(request_)


# What each gets back


@pytest.mark.parametrize(
    ("outcome", "json_status", "pull_code"),
    [
        (CREDITED, 200, "0"),
        (Noted(), 200, "0"),
        (Refused(Refusal.UNKNOWN_PAYMENT), 200, "5"),
        (Refused(Refusal.CONFLICT), 200, "0"),
        (Refused(Refusal.WRONG_CURRENCY), 200, "0"),
        (Refused(Refusal.ACCOUNT_INACTIVE), 200, "0"),
        (Refused(Refusal.LATER), 500, "13"),
        (Refused(Refusal.MALFORMED), 400, "5"),
        (Refused(Refusal.FORGED), 403, "151"),
    ],
)
def test_each_outcome_has_its_answer(outcome: NoticeOutcome, json_status: int, pull_code: str) -> None:
    for kind in ("bill", "payin"):
        table, request = TRUE[kind]
        answer = opened(table).answer(request, None, outcome)
        assert answer.status == json_status
        assert answer.body == (b'{"error": "0"}' if json_status == 200 else b"")
    table, request = TRUE["pull"]
    answer = opened(table).answer(request, None, outcome)
    assert elements(answer) == {"result_code": pull_code}
    assert answer.status == (403 if pull_code == "151" else 200)


def test_every_outcome_is_answered() -> None:
    made: list[NoticeOutcome] = [
        Possible("A", rub("1.00"), rub("2.00")), CREDITED, Undone(1, rub("1.00"), True), Standing("absent"), Noted(),
        Refused(Refusal.LATER),
    ]  # fmt: skip
    assert {type(outcome) for outcome in made} == set(get_args(NoticeOutcome))
    for table, request in TRUE.values():
        for outcome in made:
            assert opened(table).answer(request, None, outcome).body or isinstance(outcome, Refused)


# Who speaks


@pytest.mark.parametrize("kind", TRUE)
def test_two_secrets_are_believed_while_they_are_changed(kind: str) -> None:
    table, request = TRUE[kind]
    secrets = table["secrets"]
    assert isinstance(secrets, list)
    assert opened(table, secrets=["the-new-one", *secrets]).read(request) == opened(table).read(request)


@pytest.mark.parametrize("kind", TRUE)
def test_s1_a_forged_signature_is_refused(kind: str) -> None:
    table, request = TRUE[kind]
    true = request.headers[HEADERS[kind]]
    other_body = post(request.body.replace(b"500.00", b"900.00"), **request_headers(request))
    others = ["", true[:-1], true.swapcase(), f"{true} ", f"{true}, {true}", "а" * 64, hexed("x", "y")]
    for forged in [other_body, *[changed(request, HEADERS[kind], text) for text in others]]:
        with pytest.raises(ForgedNotice):
            opened(table).read(forged)
    with pytest.raises(ForgedNotice):
        opened(table, secrets=["another-partners"]).read(request)


@pytest.mark.parametrize("kind", TRUE)
def test_s1_no_flipped_bit_becomes_other_money(kind: str) -> None:
    table, request = TRUE[kind]
    partner, chance = opened(table), random.Random(7)
    true = partner.read(request)
    for _ in range(3_400):  # of each of the three
        body = bytearray(request.body)
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        try:
            found = partner.read(post(bytes(body), **request_headers(request)))
        except (ForgedNotice, MalformedNotice):
            continue
        if kind == "payin":  # its signature leaves out the bill: which is why the interface is asked
            assert isinstance(found, Look | Ignored)
        elif kind == "bill":  # the time is not signed
            assert isinstance(found, OrderPaid)
            assert isinstance(true, OrderPaid)
            assert (found.number, found.amount) == (true.number, true.amount)
        else:
            assert found == true


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b"{", b'{"bill":[]}', b'{"bill":{}}', b"[" * 100_000, b"\xff\xfe{\x00}\x00",
        json.dumps({"bill": 1}).encode("utf-16"), b'\xef\xbb\xbf{"bill":{}}',
        TRUE["bill"][1].body.replace(b'"500.00"', b'"500.00", "value": "900.00"'),
        TRUE["bill"][1].body.replace(b'"500.00"', b"NaN"), TRUE["bill"][1].body.replace(b'"500.00"', b"5e2"),
        TRUE["bill"][1].body.replace(b'"500.00"', b"500.001"), TRUE["bill"][1].body.replace(b'"500.00"', b'["500.00"]'),
    ],
)  # fmt: skip
def test_s2_what_is_not_one_plain_json_object_is_not_believed(body: bytes) -> None:
    for table, header in ((BILL, "x-api-signature-sha256"), (PAYIN, "signature")):
        with pytest.raises(ForgedNotice):
            opened(table).read(post(body, JSON, **{header: "0" * 64}))


@pytest.mark.parametrize("kind", TRUE)
def test_s2_another_type_or_packing_or_method_is_not_believed(kind: str) -> None:
    table, request = TRUE[kind]
    headers = {name: value for name, value in request_headers(request).items() if name != "content_type"}
    own = content_type(request)
    strangers = [
        post(request.body, "text/plain", **headers),
        post(request.body, FORM if own == JSON else JSON, **headers),
        post(request.body, f"{own}; charset=windows-1251", **headers),
        post(request.body, own, **headers, content_encoding="gzip"),
    ]
    for stranger in strangers:
        with pytest.raises(ForgedNotice):
            opened(table).read(stranger)


def test_s3_comparison_is_by_compare_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def spy(left: bytes, right: bytes) -> bool:
        compared.append((left, right))
        return left == right

    monkeypatch.setattr(hmac, "compare_digest", spy)
    for table, request in TRUE.values():
        opened(table).read(request)
    assert len(compared) == len(TRUE)
    assert hashlib.sha256().digest_size * 2 in {len(left) for left, _ in compared}


# The partner's table


@pytest.mark.parametrize("table", [BILL, PULL, PAYIN])
def test_addresses_and_origins(table: dict[str, object]) -> None:
    partner = opened(table)
    assert partner.address == f"qiwi-{table['protocol']}/{table['site']}"
    assert partner.origin == f"qiwi:{table['code']}"


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        (BILL, {"site": "a/b"}), (BILL, {"site": ""}), (BILL, {"secrets": []}), (BILL, {"api_key": ""}),
        (BILL, {"base_url": "ftp://a"}), (BILL, {"login": "x"}), (PULL, {"password": ""}), (PULL, {"api_key": "x"}),
        (PULL, {"authentication": "md5"}), (PULL, {"page_url": "x"}), (PAYIN, {"payin_signature_encoding": "hexx"}),
        (PAYIN, {"cancel": "txn_id"}),
    ],
)  # fmt: skip
def test_a_wrong_key_stops_the_start(table: dict[str, object], keys: dict[str, object]) -> None:
    with pytest.raises(WrongKey):
        opened(table, **keys)


@pytest.mark.parametrize("table", [BILL, PULL, PAYIN])
def test_secrets_are_not_shown(table: dict[str, object]) -> None:
    partner = opened(table)
    shown = repr(partner) + repr(vars(partner)) + repr(partner.partner)
    for secret in ("k5-bill-secret", "k5-notify-pass", "k5-payin-key", "api-key", "api-pass", "YXBpLWlk"):
        assert secret not in shown


@pytest.mark.server
@pytest.mark.parametrize("kind", SITES)
def test_a_bill_that_was_there_before_is_another_house_s(town: Town, kind: str) -> None:
    """B2: the same number, the same sum, years ago and paid, or an hour ago and waiting: not ours."""
    site, order = town.sites[kind], top_up(town)
    order = replace(order, expires_at=town.clock() + timedelta(hours=5))
    page = site.start(order).pay_url.replace("https://oplata.qiwi.com", town.url)
    town.clock.forward(hours=2)
    later = town.clock()
    mine = replace(order, created_at=later, expires_at=later + timedelta(hours=1), payer_phone="79160000001")
    with pytest.raises(NumberUsed):
        site.start(mine)
    assert site.look(mine).is_foreign
    town.clock.forward(hours=-2)
    town.pay(page)
    with pytest.raises(NumberUsed):
        site.start(replace(mine, expires_at=order.expires_at))
    found = site.look(mine)
    assert (found.is_foreign, found.amount) == (True, None)
    assert site.look(order).state is TopUpState.PAID


@pytest.mark.server
@pytest.mark.parametrize("kind", SITES)
def test_wrong_keys_are_refused_and_never_taken_for_an_answer(town: Town, kind: str) -> None:
    keys: dict[str, object] = {"password": "x"} if kind == "pull" else {"api_key": "x"}
    [stranger] = open_connectors([SITES[kind] | {"base_url": town.url} | keys], Opening(town.url, town.clock))
    assert isinstance(stranger, Bills)
    with pytest.raises(ProviderRefused):
        stranger.start(top_up(town))
    with pytest.raises(ProviderUnknown):
        stranger.look(top_up(town))


@pytest.mark.server
@pytest.mark.parametrize("kind", SITES)
def test_nobody_there_is_refused_at_once(town: Town, kind: str) -> None:
    table = SITES[kind] | {"base_url": "http://127.0.0.1:9"}
    [site] = open_connectors([table], Opening(town.url, town.clock))
    assert isinstance(site, Bills)
    with pytest.raises(ProviderRefused):
        site.start(top_up(town))
    with pytest.raises(ProviderUnknown):
        site.look(top_up(town))


@pytest.mark.server
@pytest.mark.parametrize("kind", SITES)
def test_e_a_lost_refund_is_looked_for_before_it_is_asked_again(town: Town, kind: str) -> None:
    with answering((500, b"")) as (url, asked):
        [site] = open_connectors([SITES[kind] | {"base_url": url}], Opening(town.url, town.clock))
        assert isinstance(site, Bills)
        with pytest.raises(ProviderUnknown):
            site.refund(top_up(town), rub("1.00"), "refund-1")
    assert {line.split()[0] for line in asked} == {"GET"}


@pytest.mark.server
@pytest.mark.parametrize("state", ["REFUNDED", "paid", ""])
def test_an_unknown_state_is_an_error(town: Town, state: str) -> None:
    with answering((200, GOOD.replace(b"WAITING", state.encode()))) as (url, _):
        for kind in ("bill", "payin"):
            [site] = open_connectors([SITES[kind] | {"base_url": url}], Opening(town.url, town.clock))
            assert isinstance(site, Bills)
            with pytest.raises(ProviderUnknown):
                site.look(top_up(town))
