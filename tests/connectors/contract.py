"""What every way to pay must do, whoever built it: one list of checks for all.

A subclass gives `case`, a protocol with its partner's table and the words of its provider.
Promises: S1-S8, S22, S24.
"""

import hmac
import json
import logging
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qsl
from xml.etree.ElementTree import fromstring

import pytest
from sqlalchemy import select

from k5web.domain.money import Money
from k5web.domain.payments.connector import Looks, PaymentConnector, Starts
from k5web.domain.payments.notice import (
    Cancelled,
    Credited,
    Noted,
    Notice,
    NoticeOutcome,
    OrderPaid,
    Paid,
    Refusal,
    Refused,
    Standing,
    Undone,
    WireRequest,
    WireResponse,
)
from k5web.errors import ForgedNotice, MalformedNotice
from k5web.services.books.verify import verify
from k5web.storage.payments import notice_rows as kept
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.connectors.trial import SUM, Case, Trial
from tests.effort import is_cheaper, make_lists

WRONG = "a secret of nobody's"
MUTATIONS = 1000
NASTY = (
    b"\0", b"%00", b"%", b"%zz", b"%ff", b"&", b"=", b"<", b"]]>", b"&#0;", b"{", b"[", b'"', b"\\u0000", b"-", b"-1",
    b".", b"1e9", b"0", b"00", b"9" * 25, b"NaN", b"null", b"true", b"\r\n", b"\xd9\xa5", b"\xef\xbc\x95",
    b"\xe2\x80\xae", b"\xff",
)  # fmt: skip
MOST_LISTS = 1000  # times the plain work: half a second where nothing else runs; a monster that gets in takes many
MONSTERS = {  # none above the 64 KB that the web lets in
    "entity bomb": b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><r>&b;</r>',
    "outside entity": b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
    "20 000 levels of XML": b"<a>" * 20_000,
    "60 000 levels of JSON": b"[" * 60_000,
    "UTF-16": "<?xml version='1.0' encoding='UTF-16'?><request/>".encode("utf-16"),
    "UTF-7": b"<?xml version='1.0' encoding='UTF-7'?>+ADw-request/+AD4-",
    "nothing": b"",
    "no text": bytes(range(256)) * 16,
    "64 KB": b"a=" + b"1" * 65_534,
}
TYPES = ("text/xml", "application/json", "application/x-www-form-urlencoded")
HOSTILE = ("</comment><result>0</result>", 'x"}}', "a\r\nSet-Cookie: b", "\u202e1234", "\0", "<![CDATA[", "9" * 300)


class Contract:
    """What all checks stand on."""

    @pytest.fixture
    def trial(self, case: Case, sqlite_sessions: Sessions, clock: Clock) -> Trial:
        """The house with this connector alone."""
        return Trial(sqlite_sessions, clock, case)


class SealedContract(Contract):
    """The checks of protocols whose notices prove who speaks."""

    def test_s1_a_forged_notice_is_refused_without_a_word_about_the_account(self, trial: Trial) -> None:
        told = trial.told()
        for secret in ("", WRONG, trial.case.secret.swapcase(), trial.case.secret[:-1]):
            answer = trial.deliver(trial.says(told, secret))
            assert answer != trial.connector.answer(trial.says(told), None, Noted())
            for known in (told.account, str(trial.owner.id), "Айгуль", SUM):
                assert known not in answer.body.decode()
        assert trial.balance() == trial.money("0.00")

    def test_s3_a_secret_is_compared_whole_and_by_nothing_else(
        self, trial: Trial, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """S3: where the comparison that takes the same time says yes to all, nothing else had looked at the letters."""
        told = trial.told()
        with pytest.raises(ForgedNotice):
            trial.connector.read(trial.says(told, WRONG))
        monkeypatch.setattr(hmac, "compare_digest", lambda *_: True)
        for secret in (WRONG, trial.case.secret.swapcase()):
            assert trial.connector.read(trial.says(told, secret)) == trial.connector.read(trial.says(told))


class SignedContract(Contract):
    """The checks of protocols whose notices prove what is said."""

    @pytest.mark.parametrize("flips", [300, pytest.param(10_000, marks=[pytest.mark.full, pytest.mark.timeout(1200)])])
    def test_s1_s2_no_flipped_bit_moves_other_money(self, trial: Trial, flips: int) -> None:
        seed = random.randrange(2**32)
        dice = random.Random(seed)
        true = trial.says(trial.told())
        meant = _moved(trial.connector.read(true))
        for _ in range(flips):
            try:
                said = trial.connector.read(_flip(true, dice))
            except (ForgedNotice, MalformedNotice):
                continue
            assert _moved(said) in {None, meant}, seed


class MutatedContract(Contract):
    """E: whatever a notice becomes on its way, it is answered, and moves no more than it says."""

    def test_1000_random_changes_of_a_notice_leave_no_bug_no_wrong_credit_and_clean_books(
        self, trial: Trial, caplog: pytest.LogCaptureFixture
    ) -> None:
        seed = random.randrange(2**32)
        dice = random.Random(seed)
        true = trial.says(trial.told())
        credited: dict[str, Money] = {}
        for n in range(MUTATIONS):
            changed = replace(_mutated(true, dice), at=trial.clock())
            try:
                notice = trial.connector.read(changed)
            except (ForgedNotice, MalformedNotice) as error:
                why = Refusal.FORGED if isinstance(error, ForgedNotice) else Refusal.MALFORMED
                _read(trial.connector.answer(changed, None, Refused(why)))
                if n % 20:
                    continue  # what cannot be read is only kept, the same way each time
                notice = None
            before = trial.balance()
            _read(trial.deliver(changed))
            moved = trial.balance() - before
            if not isinstance(trial.connector, Starts):
                assert moved in {trial.money("0.00"), _may_move(notice, credited)}, (seed, n)
                if isinstance(notice, Paid) and moved.minor:
                    assert notice.key not in credited, (seed, n)
                    credited[notice.key] = moved
            else:
                assert trial.balance() in {trial.money("0.00"), trial.money(SUM)}, (seed, n)
        assert "a bug in a notice" not in caplog.text, seed
        assert verify(trial.ports) == [], seed
        trial.deliver(true)
        assert verify(trial.ports) == [], seed


class TypedContract(Contract):
    """The checks of protocols where the payer types what comes back in our answer."""

    def test_s8_nobody_speaks_through_our_answer(self, trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
        for hostile in HOSTILE:
            for told in (trial.told(account=hostile), trial.told(key=hostile)):
                _read(trial.deliver(trial.says(told)))
        assert "a bug in a notice" not in caplog.text


class PaymentContract(Contract):
    """The checks of all."""

    def test_s4_a_notice_credits_once_however_often_and_late_it_comes(self, trial: Trial) -> None:
        request = trial.says(trial.told())
        first = trial.deliver(request)
        assert trial.balance() == trial.money(SUM)
        assert trial.deliver(request) == first
        for pause in (timedelta(seconds=1), timedelta(minutes=6), timedelta(days=365)):
            trial.clock.now += pause
            trial.deliver(request)
        assert trial.balance() == trial.money(SUM)
        assert verify(trial.ports) == []

    def test_a_notice_without_time_left_is_put_off_and_credited_when_it_comes_again(self, trial: Trial) -> None:
        """R23: in the connector's words, though nobody read the notice."""
        request = trial.says(trial.told())
        put_off = trial.deliver(request, 0.0)
        assert trial.balance() == trial.money("0.00")
        assert trial.deliver(request) != put_off
        assert trial.balance() == trial.money(SUM)

    def test_s6_a_repeated_parameter_credits_nothing(self, trial: Trial) -> None:
        true = trial.says(trial.told())
        form = true.body.decode() if "form" in true.headers.get("content-type", "") else true.query
        for name, value in parse_qsl(form):
            for more in (f"{name}={value}", f"{name}=1", f"{name}[]=1"):
                doubled = f"{form}&{more}"
                if true.query:
                    trial.deliver(replace(true, query=doubled))
                else:
                    trial.deliver(replace(true, body=doubled.encode()))
        if true.query:
            trial.deliver(replace(true, method="POST", headers={"content-type": TYPES[2]}, body=b"sum=1.00"))
        assert trial.balance() == trial.money("0.00") or not form

    def test_s7_monsters_are_refused_at_once(self, trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
        true = trial.says(trial.told())
        for name, monster in MONSTERS.items():
            for content_type in TYPES:
                headers = dict(true.headers) | {"content-type": content_type}
                told = replace(true, method="POST", query="", headers=headers, body=monster)
                deliver = partial(trial.deliver, told)
                assert is_cheaper(deliver, make_lists, MOST_LISTS), (name, content_type)
        assert trial.balance() == trial.money("0.00")
        assert "a bug in a notice" not in caplog.text

    def test_s22_the_same_payment_with_another_sum_or_another_orders_sum_credits_nothing(self, trial: Trial) -> None:
        told = trial.told()
        if isinstance(trial.connector, Starts):
            trial.paid = trial.money("250.01")
            trial.deliver(trial.says(replace(told, amount=trial.paid)))
            assert trial.balance() == trial.money("0.00")
        else:
            trial.deliver(trial.says(told))
            for other in ("250.01", "249.99", "25000.00"):
                trial.deliver(trial.says(replace(told, amount=trial.money(other))))
            assert trial.balance() == trial.money(SUM)
        assert len(trial.incidents()) == 1

    def test_s22_another_currency_credits_nothing(self, trial: Trial) -> None:
        other = "KGS" if trial.currency == "RUB" else "RUB"
        trial.paid = Money.parse(SUM, other)
        trial.deliver(trial.says(trial.told(amount=trial.paid)))
        assert trial.balance() == trial.money("0.00")

    @pytest.mark.parametrize("text", ["0.00", "0.01", "99999999.00"])
    def test_s22_nothing_and_too_much_credit_nothing(self, trial: Trial, text: str) -> None:
        trial.paid = trial.money(text)
        trial.deliver(trial.says(trial.told(amount=trial.paid)))
        assert trial.balance() == trial.money("0.00")

    def test_a_stranger_may_not_speak(self, trial: Trial) -> None:
        """S5: who may is the partner's list; a partner without one lets nobody in."""
        partner = trial.connector.partner
        assert not partner.allows("192.0.2.1")
        assert not partner.allows("::ffff:192.0.2.1")
        assert not replace(partner, allowed=()).allows("127.0.0.1")

    def test_every_outcome_has_an_answer_and_our_own_trouble_is_never_a_final_one(self, trial: Trial) -> None:
        request = trial.says(trial.told())
        notice = trial.connector.read(request)
        now, money = trial.clock(), trial.money(SUM)
        done: list[NoticeOutcome] = [Credited(9, money, now, True), Undone(9, money, True), Standing("paid", 9, money)]
        if isinstance(trial.connector, Starts):
            done = [Noted()]
        good = [_read(trial.connector.answer(request, notice, outcome)) for outcome in done]
        refused = {why: trial.connector.answer(request, notice, Refused(why)) for why in Refusal}
        later = refused.pop(Refusal.LATER)
        assert _read(later) not in good
        assert later != refused[Refusal.CONFLICT]
        assert later != refused[Refusal.ACCOUNT_UNKNOWN]
        for answer in refused.values():
            _read(answer)

    def test_s24_no_secret_is_shown_logged_or_kept(self, trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        told = trial.told()
        for request in (trial.says(told), trial.says(told, WRONG), replace(trial.says(told), query="x", body=b"x")):
            trial.deliver(request)
        shown = f"{trial.connector!r} {trial.connector.partner!r} {caplog.text}"
        with trial.ports.sessions.read() as db:
            shown += "".join(db.scalars(select(kept.NOTICE.c.request)))
        for secret in trial.case.hidden:
            assert secret not in shown

    def test_its_names_are_its_own(self, trial: Trial) -> None:
        connector: PaymentConnector = trial.connector
        assert connector.origin == f"{connector.code}:{connector.partner.code}"
        assert connector.address.startswith(connector.code)
        assert isinstance(connector, Looks) <= isinstance(connector, Starts)


def _moved(notice: Notice) -> object:
    """Return what money a notice moves by itself, and whose; None where it moves nothing."""
    match notice:
        case Paid():
            return notice.key, notice.account, notice.amount
        case OrderPaid():
            return notice.number, notice.amount
    return None


def _may_move(notice: Notice | None, credited: Mapping[str, Money]) -> Money | None:
    """Return by how much a notice may change the balance: a payment by its sum, its cancel by what was credited."""
    match notice:
        case Paid():
            return notice.amount
        case Cancelled() if notice.key in credited:
            return -credited[notice.key]
    return None


def _flip(request: WireRequest, dice: random.Random) -> WireRequest:
    """Return the request with one bit of what was sent turned over."""
    if request.body:
        raw = bytearray(request.body)
        raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
        return replace(request, body=bytes(raw))
    text = bytearray(request.query.encode())
    text[dice.randrange(len(text))] ^= 1 << dice.randrange(8)
    return replace(request, query=text.decode("latin-1"))


def _mutated(request: WireRequest, dice: random.Random) -> WireRequest:
    """Return the request with one to three things changed: bits, pieces cut or doubled, a header, the method."""
    is_body = bool(request.body)
    raw = bytearray(request.body if is_body else request.query.encode())
    headers, method = dict(request.headers), request.method
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(raw) + 1)
        end = min(len(raw), at + dice.randint(1, 12))
        match dice.randrange(8):
            case 0 if at < len(raw):
                raw[at] ^= 1 << dice.randrange(8)
            case 1:
                del raw[at:end]
            case 2:
                raw[at:at] = raw[at:end] * dice.choice((1, 2, 50))
            case 3:
                raw[at:at] = dice.choice(NASTY)
            case 4:
                raw[at:end] = dice.choice(NASTY)
            case 5:
                digits = [place for place, sign in enumerate(raw) if chr(sign).isdigit()]
                if digits:
                    raw[dice.choice(digits)] = ord(dice.choice("0123456789"))
            case 6 if headers:
                name = dice.choice(list(headers))
                headers[name] = dice.choice(
                    ("", headers[name][1:], headers[name] * 2, "\u0661", "text/xml; charset=utf-7")
                )
            case 7:
                method = dice.choice(("GET", "POST", "PUT", request.method))
    if is_body:
        return replace(request, body=bytes(raw), headers=headers, method=method)
    return replace(request, query=bytes(raw).decode("latin-1"), headers=headers, method=method)


def _read(answer: WireResponse) -> object:
    """Return what the provider reads: the answer must be whole, whatever stands in it."""
    assert "\n" not in answer.content_type
    if not answer.body:
        return answer.status
    if "xml" in answer.content_type:
        return [(part.tag, part.text) for part in fromstring(answer.body).iter()]
    if "json" in answer.content_type:
        return json.loads(answer.body)
    return answer.body
