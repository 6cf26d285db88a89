"""A provider's notice, whatever it says and however often: one credit, the same answer, never a final word for
our own trouble. Promises: A10, docs/ledger.md, S6, S22.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn
from urllib.parse import urlencode

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from k5web.domain.money import rub
from k5web.domain.payments.notice import WireRequest
from k5web.services.payments import notices
from k5web.storage.session import OutcomeUnknown, Sessions
from tests.fakes.connector import SECRET, query, sign
from tests.services.net import PHONE, Net


@pytest.mark.parametrize("key", ["", "x" * 65, "a\x00b", "a\nb", "\u202e1"])
def test_what_is_no_name_is_malformed(net: Net, key: str) -> None:
    assert net.pays(key) == "refused malformed"
    assert net.says(do="cancel", key=key) == net.says(do="query", key=key) == "refused malformed"
    assert net.balance() == rub("0.00")


@pytest.mark.parametrize("text", ["250,00", "250.5", "-1.00", "1e3", "٥.٠٠", "0250.001", "NaN", "", "99999999999.00"])
def test_a_sum_that_is_none_is_malformed(net: Net, text: str) -> None:
    assert net.pays(sum=text) == "refused malformed"
    assert net.rows() == [("", "malformed", "malformed")]


# --- our own trouble


def test_our_own_trouble_is_never_final(
    net: Net, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(trouble: Exception) -> Callable[..., object]:
        def raise_it(*args: object, **kwargs: object) -> object:
            raise trouble

        return raise_it

    gone = OperationalError("", {}, Exception())
    for trouble in (gone, OutcomeUnknown(), RuntimeError("a bug"), ValueError(), KeyError()):
        with monkeypatch.context() as patch:
            patch.setattr("k5web.storage.payments.notice_rows.add", fail(trouble))
            assert net.pays() == net.checks() == "refused later"
        assert net.balance() == rub("0.00")
    assert net.pays() == f"paid {net.purse().account_id}000000001 250.00"
    net.assert_sound()


def test_a_notice_that_is_tried_again_has_no_more_time(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[float | None] = []
    begin = Sessions.begin

    def heard(self: Sessions, patience_s: float | None = None, until: float | None = None) -> object:
        ends.append(until)
        return begin(self, patience_s, until)

    def deadlock(*_: object) -> NoReturn:
        raise OperationalError("", None, psycopg.errors.DeadlockDetected())

    monkeypatch.setattr(Sessions, "begin", heard)
    monkeypatch.setattr(notices, "_dispatch", deadlock)
    paid = query(do="pay", key="1", account=PHONE, sum="250.00")
    request = WireRequest("GET", "/hooks/fake/bank", paid, {}, b"", "127.0.0.1", net.clock())
    assert notices.take_notice(net.ports, net.connector, request, 600.0).body == b"refused later"
    assert len(ends) == 5
    assert len(set(ends)) == 1
    assert None not in ends


def test_a_notice_that_lay_too_long_is_put_off_unread_and_one_without_time_undone(net: Net) -> None:
    paid = query(do="pay", key="1", account=PHONE, sum="250.00")
    request = WireRequest("GET", "/hooks/fake/bank", paid, {}, b"", "127.0.0.1", net.clock())
    for longest_s in (0.0, -3.0, 1e-9):
        assert notices.take_notice(net.ports, net.connector, request, longest_s).body == b"refused later"
    assert net.rows() == []
    assert notices.take_notice(net.ports, net.connector, request, 600.0).body.startswith(b"paid ")
    net.assert_sound()


def test_a_bug_of_a_connector_is_put_off_and_logged(net: Net, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert net.says(do="bug") == "refused later"
    assert caplog.records[0].exc_info is not None


# --- forged, masked


def test_forged_notices_move_nothing_and_fill_no_table(net: Net) -> None:
    true = query(do="pay", key="1", account=PHONE, sum="250.00")
    for changed in (true.replace("250", "251"), true.replace("sign=", "sign=0"), true.partition("&sign")[0]):
        for _ in range(20):
            request = WireRequest("GET", "/hooks/fake/bank", changed, {}, b"", "127.0.0.1", net.clock())
            assert notices.take_notice(net.ports, net.connector, request).status == 403
    assert net.rows() == [("", "forged", "forged")]
    net.clock.forward(minutes=1)
    notices.take_notice(net.ports, net.connector, replace(request, at=net.clock()))
    assert len(net.rows()) == 2
    assert net.balance() == rub("0.00")
    assert PHONE not in "".join(net.requests())


def test_a_notice_is_kept_without_secrets_and_whole_numbers(net: Net) -> None:
    fields = {"do": "check", "account": PHONE, "note": f"{SECRET} 4111 1111 1111 1111", "password": "letmein"}
    body = urlencode(fields | {"sign": sign(fields)}).encode()
    request = WireRequest("POST", "/hooks/fake/bank", "", {}, body, "127.0.0.1", net.clock())
    notices.take_notice(net.ports, net.connector, request)
    (kept,) = net.requests()
    for hidden in (PHONE, SECRET, "4111+1111", "letmein", sign(fields)):
        assert hidden not in kept
    assert "7916***67" in kept
    assert "do=check" in kept


def test_a_long_notice_is_kept_in_8_kb(net: Net) -> None:
    net.checks("я" * 20_000)
    (kept,) = net.requests()
    assert 8000 < len(kept.encode()) <= 8192


def test_a_payment_credited_and_a_notice_refused_are_a_line_each(net: Net, caplog: pytest.LogCaptureFixture) -> None:
    """The partner's name of the payment is there, no number of a person."""
    with caplog.at_level(logging.INFO, "k5web.services.payments.notices"):
        net.pays("700100200300")
        net.pays("700100200300")
        net.pays("700100200301", account="79990000000")
        net.pays("700100200302", sum="1.5")
    told = [(record.getMessage(), vars(record).get("key"), vars(record).get("why")) for record in caplog.records]
    assert told == [
        ("payment credited", "700100200300", None),
        ("notice refused", "700100200301", "account_unknown"),
        ("notice refused", None, "malformed"),
    ]
    assert vars(caplog.records[0])["amount"] == "250.00"
    assert not any(PHONE in str(vars(record)) for record in caplog.records)
