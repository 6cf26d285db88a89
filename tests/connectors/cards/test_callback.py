"""The card gateway's call-back: the published vectors of its checksum, forgeries, and what can be read in two ways."""

import json
import random
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors.cards.callback import HmacSeal, RsaSeal, is_authentic, signed_text
from k5web.domain.payments.connector import PaymentConnector
from k5web.domain.payments.notice import Ignored, Look, Noted, Notice, NoticeOutcome, Refusal, Refused, WireRequest
from k5web.errors import ForgedNotice, MalformedNotice
from tests.conftest import Clock
from tests.connectors.cards.acquirer import MD_ORDER, TOKEN, acquirer_table, open_one

KEY = Path(__file__).parents[1] / "samples" / "cards_public_key.pem"
SIGNED = {"mdOrder": MD_ORDER, "operation": "deposited", "orderNumber": "K5-000042", "status": "1"}

# Each recomputed: text, token, checksum
HMAC_VECTORS = {
    "a test of a bank's integration, quoting the manual": (
        "amount;1500;mdOrder;ed6f3abf-cea0-427e-afdf-0ba43ead124f;operation;deposited;orderNumber;89312;status;1;",
        "123",
        "9F8253A6BB7777D067DD955751119FA5AAF67B14B9215147190F96B505CDB72C",
    ),
    "the vendor's Java sample": (
        "mdOrder;06cf5599-3f17-7c86-bdbc-bd7d00a8b38b;operation;approved;orderNumber;2003;status;1;",
        "ooc7slpvc61k7sf7ma7p4hrefr",
        "EAF2FB72CAB99FD5067F4BA493DD84F4D79C1589FDE8ED29622F0F07215AA972",
    ),
    "the vendor's PHP sample": (
        "amount;123456;mdOrder;3ff6962a-7dcc-4283-ab50-a6d7dd3386fe;operation;deposited;orderNumber;10747;status;1;",
        "yourSecretToken",
        "51C892147225ABE87798CB02979D70EF46D0AE79B5AA3B28B1C260BE286C50A9",
    ),
    "ours": (
        f"amount;50000;mdOrder;{MD_ORDER};operation;deposited;orderNumber;K5-000042;status;1;",
        TOKEN,
        "9FFB1B0E973C5AEA4D22E94BEABF0EE9CB46E5BBFA9C2EB68DA89D04F0DA34CF",
    ),
    "ours, an extra parameter": (
        f"amount;50000;callbackCreationDate;Fri Nov 20 12:00:00 MSK 2026;mdOrder;{MD_ORDER};operation;refunded;"
        "orderNumber;K5-000042;status;1;",
        TOKEN,
        "5821CFF8D53084C7C351A46B6C4761784596593FE50C863043525296CE7E8366",
    ),
    "ours, a failed try": (
        f"mdOrder;{MD_ORDER};operation;deposited;orderNumber;K5-000042;status;0;",
        TOKEN,
        "440839F87A6648F2350823936CAF94CF6261A704CD5CBA9EC22FAF3ADE5058B5",
    ),
}
DECORATION = "DBBE9E54D42072D8CAF32C7F660DEB82086A25C14FD813888E231A99E1220AB3"  # printed all over the manuals

RSA_TEXT = "amount;35000099;mdOrder;12b59da8-f68f-7c8d-12b5-9da8000826ea;operation;deposited;status;1;"
RSA_CHECKSUM = (
    "9524FD765FB1BABFB1F42E4BC6EF5A4B07BAA3F9C809098ACBB462618A9327539F975FEDB4CF6EC1556FF88BA74774342AF4F5B51BA63903"
    "BE9647C670EBD962467282955BD1D57B16935C956864526810870CD32967845EBABE1C6565C03F94FF66907CEDB54669A1C74AC1AD6E39B6"
    "7FA7EF6D305A007A474F03B80FD6C965656BEAA74E09BB1189F4B32E622C903DC52843C454B7ACF76D6F76324C27767DE2FF6E7217716C19"
    "C530CA7551DB58268CC815638C30F3BCA3270E1FD44F63C14974B108E65C20638ECE2F2D752F32742FFC5077415102706FA5235D310D4948"
    "A780B08D1B75C8983F22F211DFCBF14435F262ADDA6A97BFEB6D332C3D51010B"
)


def parameters_of(text: str) -> dict[str, str]:
    parts = text.split(";")[:-1]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def sealed(parameters: Mapping[str, str], token: str = TOKEN) -> dict[str, str]:
    return {**parameters, "checksum": HmacSeal.of(token).checksum(signed_text(parameters))}


def asked(parameters: Mapping[str, str]) -> WireRequest:
    return request(query=urlencode(parameters))


def request(query: str = "", body: bytes = b"", **headers: str) -> WireRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    method = "POST" if body else "GET"
    return WireRequest(method, "/hooks/cards/x", query, named, body, "127.0.0.1", Clock().now)


@pytest.fixture
def signing(clock: Clock) -> PaymentConnector:
    """An acquirer whose gateway signs by a token."""
    return open_one(acquirer_table(), clock)


@pytest.fixture
def silent(clock: Clock) -> PaymentConnector:
    """An acquirer whose gateway signs nothing."""
    return open_one(acquirer_table(callback_secrets=[], protocol="rbs-ecom"), clock)


@pytest.mark.parametrize("name", HMAC_VECTORS)
def test_the_token_s_vectors_hold(name: str) -> None:
    text, token, checksum = HMAC_VECTORS[name]
    parameters = parameters_of(text)
    assert signed_text(parameters) == text.encode()
    assert HmacSeal.of(token).checksum(text.encode()) == checksum
    for written in (checksum, checksum.lower()):
        assert is_authentic({**parameters, "checksum": written}, [HmacSeal.of(token)])
    assert not is_authentic({**parameters, "checksum": DECORATION}, [HmacSeal.of(token)])


def test_the_key_s_vector_holds_with_sha_512_only() -> None:
    parameters = {**parameters_of(RSA_TEXT), "checksum": RSA_CHECKSUM, "sign_alias": "SHA-256 with RSA"}
    pem = KEY.read_text()
    assert is_authentic(parameters, [RsaSeal.of(pem, "sha512")])
    assert not is_authentic(parameters, [RsaSeal.of(pem, "sha256")])
    assert not is_authentic({**parameters, "amount": "935000099"}, [RsaSeal.of(pem, "sha512")])


def test_a_name_with_a_capital_sorts_before_small_letters() -> None:
    assert signed_text({"b": "2", "a": "1", "B": "3"}) == b"B;3;a;1;b;2;"


def test_a_true_call_back_says_which_order_to_look_at(signing: PaymentConnector) -> None:
    assert signing.read(asked(sealed(SIGNED))) == Look("K5-000042", MD_ORDER)
    later = sealed({**SIGNED, "orderNumber": "K5-8841-12-2", "operation": "refunded", "amount": "50000"})
    body = urlencode(later).encode()
    posted = request(body=body, content_type="application/x-www-form-urlencoded; charset=UTF-8")
    assert signing.read(posted) == Look("K5-8841-12-2", MD_ORDER)


def test_parameters_of_a_get_are_checked_as_decoded(signing: PaymentConnector) -> None:
    dated = sealed({**SIGNED, "callbackCreationDate": "Fri Nov 20 12:00:00 MSK 2026"})
    assert "+12%3A00" in urlencode(dated)  # the space is a plus, the colon is escaped
    assert signing.read(asked(dated)) == Look("K5-000042", MD_ORDER)


def test_both_tokens_are_believed_while_they_are_changed(clock: Clock) -> None:
    changing = open_one(acquirer_table(callback_secrets=["the-new-token", TOKEN]), clock)
    for token in ("the-new-token", TOKEN):
        assert isinstance(changing.read(asked(sealed(SIGNED, token))), Look)
    with pytest.raises(ForgedNotice):
        changing.read(asked(sealed(SIGNED, "an-old-token")))


def test_a_call_back_signed_by_a_key_is_believed(clock: Clock) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    connector = open_one(acquirer_table(callback_secrets=[pem.decode()], checksum="rsa"), clock)
    signature = private.sign(signed_text(SIGNED), padding.PKCS1v15(), hashes.SHA512()).hex().upper()
    assert isinstance(connector.read(asked({**SIGNED, "checksum": signature})), Look)
    for forged in ({**SIGNED, "status": "0", "checksum": signature}, {**SIGNED, "checksum": signature[:-2]}, SIGNED):
        with pytest.raises(ForgedNotice):
            connector.read(asked(forged))


FORGERIES = {
    "no checksum": SIGNED,
    "an empty one": {**SIGNED, "checksum": ""},
    "a wrong one": {**SIGNED, "checksum": DECORATION},
    "cut short": {**SIGNED, "checksum": sealed(SIGNED)["checksum"][:-2]},
    "not hex": {**SIGNED, "checksum": "Я" * 64},
    "another acquirer's": sealed(SIGNED, "another-token"),
    "of another body": {**sealed(SIGNED), "mdOrder": MD_ORDER[::-1]},
    "of fewer parameters": {**sealed(SIGNED), "amount": "1"},
    "of more parameters": {k: v for k, v in sealed({**SIGNED, "amount": "1"}).items() if k != "amount"},
}


@pytest.mark.parametrize("name", FORGERIES)
def test_s1_a_forged_call_back_is_refused(name: str, signing: PaymentConnector) -> None:
    with pytest.raises(ForgedNotice):
        signing.read(asked(FORGERIES[name]))


def test_s1_no_flipped_bit_is_believed(signing: PaymentConnector) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    true_query = urlencode(sealed({**SIGNED, "amount": "50000"})).encode()
    true = {name: value.upper() if name == "checksum" else value for name, value in parse_qsl(true_query.decode())}
    for _ in range(10_000):
        flipped = bytearray(true_query)
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        query = flipped.decode("latin-1")
        try:
            signing.read(request(query=query))
        except ForgedNotice:
            continue
        kept = {name: value.upper() if name == "checksum" else value for name, value in parse_qsl(query)}
        assert kept == true, f"seed {seed}: {query}"  # hexadecimal letters may be small


TWO_WAYS = {
    "a name twice": request(query=urlencode(sealed(SIGNED)) + "&status=1"),
    "in the address and in the body": request(
        urlencode(sealed(SIGNED)), b"status=1", content_type="application/x-www-form-urlencoded"
    ),
    "a list": request(query=urlencode(sealed({**SIGNED, "status[]": "1"}))),
    "nested names": request(query=urlencode(sealed({**SIGNED, "status[a]": "1"}))),
    "no value": request(query=urlencode(sealed(SIGNED)) + "&status"),
    "not UTF-8": request(query=urlencode(sealed(SIGNED)) + "&name=%FF"),
    "a duplicate JSON key": request(
        body=json.dumps(sealed(SIGNED)).encode()[:-1] + b',"status":"1"}', content_type="application/json"
    ),
    "a JSON list": request(body=json.dumps([sealed(SIGNED)]).encode(), content_type="application/json"),
    "a JSON table inside": request(
        body=json.dumps({**sealed(SIGNED), "more": {}}).encode(), content_type="application/json"
    ),
    "JSON nested too deep": request(body=b"[" * 60_000, content_type="application/json"),
    "UTF-16": request(body=json.dumps(sealed(SIGNED)).encode("utf-16"), content_type="application/json"),
    "packed": request(
        body=json.dumps(sealed(SIGNED)).encode(), content_type="application/json", content_encoding="gzip"
    ),
    "another kind": request(body=json.dumps(sealed(SIGNED)).encode(), content_type="text/plain"),
    "nothing": request(),
}


@pytest.mark.parametrize("name", TWO_WAYS)
def test_s2_s6_what_can_be_read_in_two_ways_is_refused(
    name: str, signing: PaymentConnector, silent: PaymentConnector
) -> None:
    with pytest.raises(ForgedNotice):
        signing.read(TWO_WAYS[name])
    with pytest.raises(MalformedNotice):
        silent.read(TWO_WAYS[name])


def test_s2_a_json_number_is_signed_as_it_is_written(signing: PaymentConnector) -> None:
    body = json.dumps(sealed({**SIGNED, "amount": "1.00"})).replace('"1.00"', "1.00").replace('"1"', "1")
    assert isinstance(signing.read(request(body=body.encode(), content_type="application/json")), Look)
    with pytest.raises(ForgedNotice):
        signing.read(request(body=body.replace("1.00", "1.0").encode(), content_type="application/json"))


def test_row_7_a_call_back_without_checksum_is_a_hint_where_none_is_agreed(silent: PaymentConnector) -> None:
    body = json.dumps({**SIGNED, "status": 1, "additionalParams": {"maskedPan": "220138**0047"}}).encode()
    assert silent.read(request(body=body, content_type="application/json")) == Look("K5-000042", MD_ORDER)


@pytest.mark.parametrize(
    ("changed", "notice"),
    [
        ({"operation": "deposited", "status": "0"}, Look("K5-000042", MD_ORDER, has_failed=True)),  # the state decides
        ({"operation": "declinedByTimeout"}, Look("K5-000042", MD_ORDER)),
        ({"operation": "declinedCardPresent", "status": "0"}, Look("K5-000042", MD_ORDER, has_failed=True)),
        ({"operation": "created"}, Ignored("created")),
        ({"operation": "bindingCreated"}, Ignored("bindingCreated")),
        ({"operation": "bindingActivityChanged"}, Ignored("bindingActivityChanged")),
        ({"operation": "bindingDeactivated"}, Ignored("bindingDeactivated")),
        ({"operation": "subscriptionCreated"}, Ignored("subscriptionCreated")),
    ],
)
def test_each_operation_has_its_meaning(changed: dict[str, str], notice: Notice, signing: PaymentConnector) -> None:
    assert signing.read(asked(sealed({**SIGNED, **changed}))) == notice


@pytest.mark.parametrize(
    "changed",
    [
        {"operation": "charged"},
        {"operation": "Deposited"},
        {"status": "2"},
        {"status": ""},
        {"mdOrder": ""},
        {"mdOrder": "a;operation;b"},
        {"orderNumber": "K5'--"},
        {"orderNumber": "1" * 37},
    ],
)
def test_an_unknown_word_is_an_error_and_never_a_guess(changed: dict[str, str], signing: PaymentConnector) -> None:
    with pytest.raises(MalformedNotice):
        signing.read(asked(sealed({**SIGNED, **changed})))


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Noted(), 200),
        (Refused(Refusal.FORGED, "no"), 403),
        (Refused(Refusal.MALFORMED, "no"), 400),
        (Refused(Refusal.LATER, "no"), 500),
        (Refused(Refusal.UNKNOWN_PAYMENT, "no"), 500),
        (Refused(Refusal.CONFLICT, "no"), 200),
    ],
)
def test_the_answer_is_a_status_and_nothing_else(
    outcome: NoticeOutcome, status: int, signing: PaymentConnector
) -> None:
    answer = signing.answer(asked(sealed(SIGNED)), None, outcome)
    assert (answer.status, answer.body) == (status, b"")


@pytest.mark.parametrize("why", Refusal)
def test_every_refusal_has_its_status(why: Refusal, signing: PaymentConnector) -> None:
    assert signing.answer(request(), None, Refused(why)).status in {200, 400, 403, 500}
