"""Tokens of a subscriber's own programs, on both databases."""

import threading
from collections.abc import Callable

import pytest

from k5web.domain.accounts.token import ASKING, MOST_TOKENS, ORDERING, ApiToken
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotFound, TokenMayNotCall, TooMany, TooOften, Unavailable, WrongName, WrongToken
from k5web.services.accounts import accounts, devices, tokens
from tests.services.house import House


def made(k5: House, may_call: bool = True) -> str:
    return tokens.make_token(k5.ports, k5.caller.id, "CRM", may_call)


def count_order(k5: House, token: ApiToken) -> None:
    with k5.ports.sessions.begin() as db:
        tokens.counting(k5.ports, token)(db)


def test_a_token_speaks_for_its_owner(k5: House) -> None:
    program = tokens.recognise(k5.ports, made(k5), to_change=True)
    assert program.subscriber == k5.caller
    assert (program.token.name, program.token.may_call) == ("CRM", True)


def test_the_base_keeps_no_token_that_opens_anything(k5: House) -> None:
    text = made(k5)
    kept = repr(tokens.list_tokens(k5.ports, k5.caller.id))
    assert text.partition(".")[2] not in kept


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text[:-1],
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: text.removeprefix("k5_"),
        lambda text: "k5_" + "A" * 16 + "." + text.partition(".")[2],
        lambda text: text + "x",
        lambda text: text.replace(".", ".."),
        lambda text: text + "'; --",
    ],
)
def test_anything_else_opens_nothing(k5: House, spoil: Callable[[str], str]) -> None:
    text = made(k5)
    for to_change in (False, True):
        with pytest.raises(WrongToken):
            tokens.recognise(k5.ports, spoil(text), to_change=to_change)


def test_an_ended_token_is_dead_at_once(k5: House) -> None:
    text = made(k5)
    [token] = tokens.list_tokens(k5.ports, k5.caller.id)
    tokens.end_token(k5.ports, k5.caller.id, token.selector)
    with pytest.raises(WrongToken):
        tokens.recognise(k5.ports, text, to_change=False)
    assert tokens.list_tokens(k5.ports, k5.caller.id) == []
    with pytest.raises(NotFound):
        tokens.end_token(k5.ports, k5.caller.id, token.selector)


def test_nobody_ends_somebody_elses_token(k5: House) -> None:
    text = made(k5)
    other = accounts.add_subscriber(k5.ports, Msisdn("79160000001"), "correct horse", "Ольга")
    with pytest.raises(NotFound):
        tokens.end_token(k5.ports, other.id, tokens.list_tokens(k5.ports, k5.caller.id)[0].selector)
    assert tokens.recognise(k5.ports, text, to_change=True)


def test_a_token_that_only_looks_changes_nothing(k5: House) -> None:
    text = made(k5, may_call=False)
    assert tokens.recognise(k5.ports, text, to_change=False)
    with pytest.raises(TokenMayNotCall):
        tokens.recognise(k5.ports, text, to_change=True)


def test_the_last_use_is_noted_once_a_minute(k5: House) -> None:
    text = made(k5)
    noted = []
    for _ in range(4):
        tokens.recognise(k5.ports, text, to_change=False)
        noted.append(tokens.list_tokens(k5.ports, k5.caller.id)[0].last_used_at)
        k5.clock.forward(seconds=30)
    assert noted[0] == noted[1] != noted[2] == noted[3]


def test_a_token_that_asks_too_often_waits_and_another_does_not(k5: House) -> None:
    text, other = made(k5), made(k5)
    for _ in range(ASKING.at_once):
        tokens.recognise(k5.ports, text, to_change=False)
    with pytest.raises(TooOften) as refused:
        tokens.recognise(k5.ports, text, to_change=False)
    assert refused.value.facts == {"wait_s": 1}
    assert tokens.recognise(k5.ports, other, to_change=False)
    k5.clock.forward(seconds=1)
    assert tokens.recognise(k5.ports, text, to_change=False)


def test_orders_have_a_slower_pace(k5: House) -> None:
    token = tokens.recognise(k5.ports, made(k5), to_change=True).token
    for _ in range(ORDERING.at_once):
        count_order(k5, token)
    with pytest.raises(TooOften) as refused:
        count_order(k5, token)
    assert refused.value.facts == {"wait_s": 6}


def test_past_bookings_are_forgotten_and_living_ones_are_not(k5: House) -> None:
    token = tokens.recognise(k5.ports, made(k5), to_change=True).token
    for _ in range(ORDERING.at_once):
        count_order(k5, token)
    k5.clock.forward(seconds=5)
    devices.forget_old(k5.ports)
    with pytest.raises(TooOften):
        count_order(k5, token)
    k5.clock.forward(hours=1)
    devices.forget_old(k5.ports)
    count_order(k5, token)


def test_there_is_room_for_so_many_tokens_even_for_ten_forms_at_once(k5: House) -> None:
    for _ in range(MOST_TOKENS - 1):
        made(k5)
    refused: list[Exception] = []

    def press() -> None:
        try:
            made(k5)
        except (TooMany, Unavailable) as error:
            refused.append(error)

    threads = [threading.Thread(target=press) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 9
    assert len(tokens.list_tokens(k5.ports, k5.caller.id)) == MOST_TOKENS


def test_a_token_has_a_name_that_can_be_read(k5: House) -> None:
    with pytest.raises(WrongName):
        tokens.make_token(k5.ports, k5.caller.id, " \0", may_call=True)
