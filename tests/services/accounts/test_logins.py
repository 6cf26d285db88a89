"""Wrong passwords: counted, paused, locked, and nobody is told who exists. Trials: S10, S11."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from k5web.domain.address import coarse
from k5web.domain.prices.number import Msisdn
from k5web.errors import K5Error, LoginLocked, LoginPaused, WrongLogin
from k5web.services import health
from k5web.services.accounts import accounts, devices, logins, passwords
from k5web.services.accounts.accounts import Browser
from k5web.storage.accounts import login_counts
from k5web.storage.tables import LoginCountRow
from k5web.turns import Turns
from tests.services.house import OWN, House
from tests.services.visits import PHONE, RIGHT, WRONG, counting, fail, log_in, refusal, statements, token


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("somewhere", ""),
        (None, ""),
    ],
)
def test_an_address_is_remembered_as_its_network(address: str | None, network: str) -> None:
    assert coarse(address) == network


def test_unknown_and_wrong_are_not_told_apart(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same words, the same figures, the same count of statements and of slow comparisons."""
    work: list[str] = []
    monkeypatch.setattr(passwords, "is_right", counting(passwords.is_right, work))
    seen = []
    with statements(k5.ports.sessions, work):
        for login in (OWN, str(k5.caller.id), "+79160000000", "424242"):
            work.clear()
            refused = refusal(lambda login=login: log_in(k5, login, WRONG))  # type: ignore[misc]
            seen.append((type(refused), str(refused), list(work)))
    assert seen[0][2].count("is_right") == 1
    own, by_id, strange, strange_id = seen
    assert own[0] is strange[0]
    assert own[1] == strange[1] == strange_id[1]
    assert own[2] == strange[2]
    assert by_id[2] == strange_id[2]


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize(
    "spellings",
    [
        ("+79261234567", "8 926 123 45 67", "9261234567", "+7 (926) 123-45-67"),
        ("+996312555111", "312555111", "0312555111", "00996312555111"),
        ("0312555111", "+996312555111", "312555111", "996 312 555 111"),
    ],
)
def test_another_spelling_of_a_login_is_the_same_login_known_or_not(
    k5: House, spellings: tuple[str, ...], is_known: bool
) -> None:
    """S11: the count must not tell by the spelling whether anybody has the number."""
    if is_known:
        accounts.add_subscriber(k5.ports, Msisdn.parse(spellings[0], "KG"), RIGHT, "Ольга")
    left = [refusal(lambda typed=typed: log_in(k5, typed, WRONG)).facts["attempts_left"] for typed in spellings]  # type: ignore[misc]
    assert left == [4, 3, 2, 1]


def test_a_phone_and_its_contracts_number_share_no_count(k5: House) -> None:
    """Two wrong tries at the phone leave the own contract's number as untried as anybody else's."""
    for _ in range(2):
        refusal(lambda: log_in(k5, OWN, WRONG))
    other = accounts.add_subscriber(k5.ports, Msisdn("79160000001"), RIGHT, "Ольга")
    for typed in (str(k5.caller.id), str(other.id), "424242"):
        assert refusal(lambda typed=typed: log_in(k5, typed, WRONG)).facts["attempts_left"] == 4  # type: ignore[misc]
    log_in(k5, str(k5.caller.id))
    assert refusal(lambda: log_in(k5, OWN, WRONG)).facts["attempts_left"] == 2, "each clears its own"
    log_in(k5, OWN)
    assert refusal(lambda: log_in(k5, OWN, WRONG)).facts["attempts_left"] == 4


def test_the_right_password_of_one_number_frees_no_other_that_is_written_alike(k5: House) -> None:
    """312555111 may be +996 312 555111 or +31 2 555111: who has one must not clear the tries at the other."""
    accounts.add_subscriber(k5.ports, Msisdn("312555111"), RIGHT, "Anna")
    for _ in range(3):
        refusal(lambda: log_in(k5, "+996312555111", WRONG))
    log_in(k5, "312555111")
    assert refusal(lambda: log_in(k5, "+996312555111", WRONG)).facts["attempts_left"] == 1


def test_five_wrong_passwords_are_free_then_pauses_grow(k5: House) -> None:
    left = [refusal(lambda: log_in(k5, password=WRONG)).facts["attempts_left"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    paused = refusal(lambda: log_in(k5))
    assert isinstance(paused, LoginPaused), "even the right password waits, or the pause would tell"
    assert paused.facts["wait_s"] == 30
    k5.clock.forward(seconds=30)
    refusal(lambda: log_in(k5, password=WRONG))
    assert refusal(lambda: log_in(k5)).facts["wait_s"] == 60
    k5.clock.forward(seconds=60)
    log_in(k5)
    assert refusal(lambda: log_in(k5, password=WRONG)).facts["attempts_left"] == 4


def test_a_thousand_addresses_do_not_help_a_guesser(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """S10: five guesses are looked at, whoever makes the others."""
    looked: list[str] = []
    monkeypatch.setattr(passwords, "is_right", counting(passwords.is_right, looked))
    for n in range(1000):
        browser = Browser("", f"198.{51 + n // 250}.{n % 250}.1")
        refusal(lambda browser=browser: log_in(k5, password=WRONG, browser=browser))  # type: ignore[misc]
    assert len(looked) == 5
    elsewhere = replace(PHONE, address="203.0.113.5")
    assert isinstance(refusal(lambda: log_in(k5, browser=elsewhere)), LoginPaused)


def test_a_neighbour_behind_the_same_address_is_not_disturbed(k5: House) -> None:
    accounts.add_subscriber(k5.ports, Msisdn("79160000001"), RIGHT, "Ольга")
    fail(k5, 12)
    assert log_in(k5, "+79160000001").subscriber.name == "Ольга"


def test_thirty_wrong_in_a_day_lock_the_password_but_not_the_phones_that_know(k5: House) -> None:
    remembered = log_in(k5)
    cookie = token(remembered)
    assert isinstance(fail(k5, 30), WrongLogin)
    k5.clock.forward(minutes=15)
    assert isinstance(refusal(lambda: log_in(k5)), LoginLocked)
    known = devices.recognise(k5.ports, cookie)
    assert known is not None
    accounts.confirm(k5.ports, known.subscriber, known.device, RIGHT)  # nobody elsewhere can lock this one out
    k5.clock.forward(days=1)
    log_in(k5)


def test_whoever_guesses_elsewhere_does_not_keep_the_owner_from_logging_in_on_a_known_phone(k5: House) -> None:
    """S10: counted by the device, which the guesser does not have; its own tries are counted all the same."""
    known = replace(PHONE, token=token(log_in(k5)))
    fail(k5, 30)
    assert isinstance(refusal(lambda: log_in(k5)), LoginLocked)
    again = log_in(k5, browser=known)
    assert again.subscriber == k5.caller
    known = replace(known, token=token(again))
    left = [refusal(lambda: log_in(k5, password=WRONG, browser=known)).facts["attempts_left"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    assert isinstance(refusal(lambda: log_in(k5, browser=known)), LoginPaused)


def test_a_phone_known_for_one_account_does_not_help_to_guess_another(k5: House) -> None:
    accounts.add_subscriber(k5.ports, Msisdn("79160000001"), RIGHT, "Ольга")
    fail(k5, 5)
    guesser = replace(PHONE, token=token(log_in(k5, "+79160000001")))
    assert isinstance(refusal(lambda: log_in(k5, browser=guesser)), LoginPaused)
    ended = log_in(k5, "+79160000001")
    devices.end_device(k5.ports, ended.subscriber.id, ended.device.selector)
    fail(k5, 5, "+79160000001")
    stale = replace(PHONE, token=token(ended))
    assert isinstance(refusal(lambda: log_in(k5, "+79160000001", browser=stale)), LoginPaused)


def test_a_stolen_phone_does_not_guess_the_password(k5: House) -> None:
    visit = log_in(k5)
    for _ in range(5):
        assert isinstance(refusal(lambda: accounts.confirm(k5.ports, k5.caller, visit.device, WRONG)), WrongLogin)
    assert isinstance(refusal(lambda: accounts.confirm(k5.ports, k5.caller, visit.device, RIGHT)), LoginPaused)


def test_ten_tries_at_once_are_ten_tries(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted before they are looked at: of many parallel guesses only the free ones are compared."""
    monkeypatch.setattr(passwords, "_TURNS", Turns(at_once=10))
    outcomes: list[str] = []

    def guess() -> None:
        outcomes.append(refusal(lambda: log_in(k5, password=WRONG)).code)

    threads = [threading.Thread(target=guess) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["login_paused"] * 5 + ["wrong_login"] * 5


def test_what_people_type_by_mistake_is_not_kept_readable(k5: House) -> None:
    refusal(lambda: log_in(k5, "my secret in the wrong field"))
    with k5.ports.sessions.read() as db:
        assert not [name for name in db.scalars(select(LoginCountRow.subject)) if "secret" in name]


def test_behind_a_carriers_address_the_right_password_gets_in_however_many_guess_there(k5: House) -> None:
    """A thousand wrong ones a day are free for an address; then it has a pace of seconds, and nobody is shut out."""
    guesser = replace(PHONE, address="203.0.113.1")
    with k5.ports.sessions.begin() as db:
        for scope, name in logins.subjects((), guesser.address):
            tally = login_counts.lock(db, scope, name, k5.ports.today())
            login_counts.write(db, replace(tally, in_a_day=1_000))
    n = 0

    def guess() -> K5Error:
        nonlocal n
        n += 1
        return refusal(lambda: log_in(k5, f"+7916555{n:04d}", WRONG, guesser))

    assert isinstance(guess(), WrongLogin)
    assert log_in(k5, browser=replace(PHONE, address="203.0.113.200")).subscriber == k5.caller
    assert log_in(k5, browser=guesser).subscriber == k5.caller, "at the guesser's own address, too"
    while not isinstance(refused := guess(), LoginPaused):
        assert n < 100, "a flood gets a pace"
    assert refused.facts["wait_s"] == 2
    assert log_in(k5, browser=replace(PHONE, address="203.0.113.200")).subscriber == k5.caller
    k5.clock.forward(seconds=2)
    assert log_in(k5, browser=guesser).subscriber == k5.caller


def test_wrong_passwords_are_counted_in_all_for_the_alarm(k5: House) -> None:
    """S10: whoever guesses once at each of many numbers passes every count but this one."""
    for n in range(4):
        refusal(lambda n=n: log_in(k5, f"+7916555000{n}", WRONG, replace(PHONE, address=f"198.51.100.{n}")))  # type: ignore[misc]
    visit = log_in(k5)
    refusal(lambda: accounts.confirm(k5.ports, k5.caller, visit.device, WRONG))
    assert health.figures(k5.ports).wrong_passwords == 5
