"""One-time codes: S11, S17."""

from dataclasses import replace

import pytest

from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.messaging.one_time_code import MOST_TRIES
from k5web.domain.messaging.sms_limits import A_NUMBER, SmsTerms
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import SmsSpent, TooOften, WrongOneTimeCode
from k5web.services.messaging import codes
from k5web.services.ports import Ports
from k5web.storage.messaging import code_rows, outbox_rows, sms_counts
from tests.services.house import OWN, House

PHONE = Msisdn.parse(OWN)
HOME = "203.0.113.7"


def number(n: int) -> Msisdn:
    return Msisdn(f"7916{n:07d}")


def sent(ports: Ports) -> list[tuple[str | None, str]]:
    """Return where codes went, and the digits, in the order of sending."""
    with ports.sessions.read() as db:
        due = outbox_rows.due(db, ports.clock(), 20_000)
    return [(each.address, each.facts["code"]) for each in due if each.address]


def newest(ports: Ports) -> str:
    return sent(ports)[-1][1]


def test_a_code_proves_a_number_once(k5: House) -> None:
    request = codes.send(k5.ports, PHONE, "reset", HOME)
    code = newest(k5.ports)
    assert len(code) == 6
    assert code.isdigit()
    codes.check(k5.ports, PHONE, "reset", f" {code[:3]} {code[3:]} ", request)
    with pytest.raises(WrongOneTimeCode):
        codes.check(k5.ports, PHONE, "reset", code, request)


def test_a_code_is_bound_to_number_purpose_and_request(k5: House) -> None:
    request = codes.send(k5.ports, PHONE, "reset", HOME)
    code = newest(k5.ports)
    other = codes.send(k5.ports, number(1), "reset", HOME)
    for to, purpose, named in ((number(1), "reset", other), (PHONE, "phone", request), (PHONE, "reset", other)):
        with pytest.raises(WrongOneTimeCode):
            codes.check(k5.ports, to, purpose, code, named)  # type: ignore[arg-type]
    codes.check(k5.ports, PHONE, "reset", code, request)


def test_whoever_asks_for_the_same_number_voids_no_code_that_is_good(k5: House) -> None:
    """Else a stranger keeps the owner of a number from joining, by asking for a code now and then."""
    request = codes.send(k5.ports, PHONE, "register", HOME)
    code = newest(k5.ports)
    others = []
    for n in range(2):
        k5.clock.forward(seconds=1)
        others.append(codes.send(k5.ports, PHONE, "register", f"198.51.100.{n}"))
    for _ in range(5):
        with pytest.raises(WrongOneTimeCode):
            codes.check(k5.ports, PHONE, "register", code, others[0])
    codes.check(k5.ports, PHONE, "register", code, request)
    with pytest.raises(WrongOneTimeCode):
        codes.check(k5.ports, PHONE, "register", newest(k5.ports), others[1])


def test_codes_of_several_requests_give_no_more_guesses_than_messages_go_to_the_number(k5: House) -> None:
    """S17: three requests an hour, whoever asks, and five tries of each."""
    tries = 0
    for n in range(A_NUMBER + 1):
        try:
            request = codes.send(k5.ports, PHONE, "reset", f"198.51.100.{n}")
        except TooOften:
            break
        wrong = f"{(int(newest(k5.ports)) + 1) % 1_000_000:06d}"
        for _ in range(9):
            with k5.ports.sessions.begin() as db:
                kept = code_rows.take(db, str(PHONE), "reset", request)
            assert kept is not None
            tries += kept.may_be_tried(k5.clock())
            with pytest.raises(WrongOneTimeCode):
                codes.check(k5.ports, PHONE, "reset", wrong, request)
    assert tries == A_NUMBER * MOST_TRIES


def test_a_code_lives_ten_minutes(k5: House) -> None:
    request = codes.send(k5.ports, PHONE, "reset", HOME)
    code = newest(k5.ports)
    k5.clock.forward(minutes=10)
    with pytest.raises(WrongOneTimeCode):
        codes.check(k5.ports, PHONE, "reset", code, request)
    k5.clock.forward(seconds=-1)
    codes.check(k5.ports, PHONE, "reset", code, request)


def test_after_five_wrong_ones_the_right_one_does_not_fit(k5: House) -> None:
    request = codes.send(k5.ports, PHONE, "reset", HOME)
    code = newest(k5.ports)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(WrongOneTimeCode):
            codes.check(k5.ports, PHONE, "reset", wrong, request)
    with pytest.raises(WrongOneTimeCode):
        codes.check(k5.ports, PHONE, "reset", code, request)


def test_a_guesser_with_a_request_of_his_own_spends_no_try_of_the_owner(k5: House) -> None:
    request = codes.send(k5.ports, PHONE, "reset", HOME)
    code = newest(k5.ports)
    for _ in range(9):
        with pytest.raises(WrongOneTimeCode):
            codes.check(k5.ports, PHONE, "reset", "000000", "another request")
    codes.check(k5.ports, PHONE, "reset", code, request)


def test_an_unknown_number_gets_nothing_and_the_asker_sees_no_difference(k5: House) -> None:
    """S11: the same counts, the same refusals, a request that looks alike, and no code that fits."""
    known, unknown = (
        codes.send(k5.ports, to, "reset", HOME, is_known=is_known)
        for to, is_known in ((PHONE, True), (number(1), False))
    )
    assert len(known) == len(unknown)
    assert [address for address, _ in sent(k5.ports)] == [OWN]
    with pytest.raises(WrongOneTimeCode):
        codes.check(k5.ports, number(1), "reset", "000000", unknown)
    for to, is_known in ((PHONE, True), (number(1), False)):
        for _ in range(2):
            codes.send(k5.ports, to, "reset", HOME, is_known=is_known)
        with pytest.raises(TooOften) as refused:
            codes.send(k5.ports, to, "reset", HOME, is_known=is_known)
        assert refused.value.facts == {"wait_s": 3600}
    poor = replace(k5.ports, sms=SmsTerms(day=rub("1.00")))
    for to, is_known in ((number(2), True), (number(3), False)):
        with pytest.raises(SmsSpent):
            codes.send(poor, to, "reset", HOME, is_known=is_known)


def test_an_e_mail_address_is_proved_alike_and_costs_nothing(k5: House) -> None:
    mail = EmailAddress("anna@mail.ru")
    request = codes.send(k5.ports, mail, "email", HOME)
    assert sent(k5.ports)[0][0] == "anna@mail.ru"
    codes.check(k5.ports, mail, "email", newest(k5.ports), request)
    for _ in range(2):
        codes.send(k5.ports, EmailAddress("ANNA@mail.ru"), "email", HOME)
    with pytest.raises(TooOften):
        codes.send(k5.ports, mail, "email", HOME)
    with k5.ports.sessions.read() as db:
        assert sms_counts.spent(db, k5.ports.today()) == 0
