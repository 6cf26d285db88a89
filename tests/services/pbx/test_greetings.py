"""Prompts of one's own, from the upload to the switch and away again. Promises: B7, D2."""

from dataclasses import replace
from datetime import timedelta

import pytest

from k5web.domain.incident import IncidentKind
from k5web.domain.pbx import greeting as terms
from k5web.domain.pbx.greeting import Greeting, GreetingState
from k5web.domain.pbx.rule import Menu, Rule, Say, Voicemail
from k5web.domain.prices.number import Msisdn
from k5web.errors import (
    GreetingUsed,
    NotFound,
    SubscriberBlocked,
    TooMany,
    TooOften,
    Unavailable,
    WrongGreeting,
    WrongName,
    WrongRule,
)
from k5web.services.accounts import blocking
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.pbx import greetings, rules
from k5web.services.pbx.publishing import Publisher
from k5web.storage import incidents
from k5web.storage.accounts import owned_rows
from k5web.storage.pbx import pbx_rows
from tests.fakes.switch_tables import FakeSwitchTables
from tests.services.accounts.stock import A
from tests.services.house import House
from tests.services.pbx.test_publishing import rent, switch_of

UPLOAD, MADE, ACTOR = b"RIFF....WAVE", b"\xd5" * 8000, "subscriber:x"


def convert(upload: bytes) -> bytes:
    """As the real one speaks: it made a second of this, or it could not."""
    if not upload.startswith(b"RIFF"):
        raise WrongGreeting(reason="no_sound")
    return MADE


@pytest.fixture
def k5(k5: House) -> House:
    """The house with a decoder that the test plays."""
    k5.ports = replace(k5.ports, convert=convert)
    return k5


@pytest.fixture
def owner_id(k5: House) -> int:
    """Its subscriber, who rents a number."""
    return rent(k5)


def ready(k5: House, owner_id: int, content: bytes = UPLOAD, title: str = "Наше") -> str:
    """Upload something and let the worker make it ready; return its digest."""
    made = greetings.upload(k5.ports, owner_id, title, "", content, ACTOR)
    greetings.make_ready(k5.ports)
    return made.digest


def say(k5: House, owner_id: int, digest: str) -> int:
    """Let the rule of the number say it; return the version."""
    rule = Rule({"start": Say(digest, "vm"), "vm": Voicemail(60)})
    return rules.change(k5.ports, owner_id, A, rules.show(k5.ports, owner_id, A).version, lambda _old: rule, ACTOR)


def one(k5: House, owner_id: int, digest: str) -> Greeting:
    return greetings.show(k5.ports, owner_id, digest).greeting


def test_an_upload_waits_until_the_worker_made_it_ready(k5: House, owner_id: int) -> None:
    made = greetings.upload(k5.ports, owner_id, " Наше ", "Добрый\nдень!", UPLOAD, ACTOR)
    assert (made.title, made.words, made.state) == ("Наше", "Добрый день!", GreetingState.WAITING)
    with pytest.raises(NotFound):
        greetings.sound(k5.ports, owner_id, made.digest)  # nobody hears what was uploaded as it is
    with pytest.raises(WrongRule):
        say(k5, owner_id, made.digest)
    greetings.make_ready(replace(k5.ports, convert=None))
    assert one(k5, owner_id, made.digest).state is GreetingState.WAITING
    greetings.make_ready(k5.ports)
    assert one(k5, owner_id, made.digest) == replace(made, state=GreetingState.READY, milliseconds=1000)
    assert greetings.sound(k5.ports, owner_id, made.digest) == MADE


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "no_sound"), (b"R" * (greetings.LARGEST + 1), "too_large")], ids=["empty", "large"]
)
def test_what_cannot_be_a_sound_is_not_kept(k5: House, owner_id: int, content: bytes, reason: str) -> None:
    with pytest.raises(WrongGreeting) as refused:
        greetings.upload(k5.ports, owner_id, "Наше", "", content, ACTOR)
    assert refused.value.facts == {"reason": reason}
    with pytest.raises(WrongName):
        greetings.upload(k5.ports, owner_id, " ", "", UPLOAD, ACTOR)
    assert greetings.mine(k5.ports, owner_id) == []


def test_what_the_worker_cannot_read_says_why_and_may_come_again(k5: House, owner_id: int) -> None:
    digest = ready(k5, owner_id, b"text named .wav")
    refused = one(k5, owner_id, digest)
    assert (refused.state, refused.why) == (GreetingState.REFUSED, "no_sound")
    assert ready(k5, owner_id, b"text named .wav", "Ещё раз") == digest
    assert one(k5, owner_id, digest).title == "Ещё раз"


def test_the_same_sound_is_one_prompt_with_its_newest_name(k5: House, owner_id: int) -> None:
    assert ready(k5, owner_id) == ready(k5, owner_id, title="Иначе")
    [only] = greetings.mine(k5.ports, owner_id)
    assert (only.greeting.title, only.greeting.state) == ("Иначе", GreetingState.READY)


def test_an_organisation_has_so_many_and_no_more(k5: House, owner_id: int) -> None:
    for n in range(terms.MOST_GREETINGS):
        greetings.upload(k5.ports, owner_id, "Наше", "", UPLOAD + bytes([n]), ACTOR)
    with pytest.raises(TooMany):
        greetings.upload(k5.ports, owner_id, "Наше", "", UPLOAD, ACTOR)
    greetings.upload(k5.ports, owner_id, "Наше", "", UPLOAD + bytes([3]), ACTOR)  # this one is there
    greetings.make_ready(k5.ports)
    assert {each.greeting.state for each in greetings.mine(k5.ports, owner_id)} == {GreetingState.READY}


def test_who_uploads_again_and_again_waits(k5: House, owner_id: int) -> None:
    for n in range(terms.UPLOADING.at_once):
        made = greetings.upload(k5.ports, owner_id, "Наше", "", UPLOAD + bytes([n]), ACTOR)
        greetings.remove(k5.ports, owner_id, made.digest)
    with pytest.raises(TooOften):
        greetings.upload(k5.ports, owner_id, "Наше", "", UPLOAD, ACTOR)
    k5.clock.now += terms.UPLOADING.every
    greetings.upload(k5.ports, owner_id, "Наше", "", UPLOAD, ACTOR)


def test_nobody_elses_prompt_is_found_by_any_name(k5: House, owner_id: int) -> None:
    digest = ready(k5, owner_id)
    other = add_subscriber(k5.ports, Msisdn("79270000001"), "correct horse", "Ольга").id
    for act in (
        lambda: greetings.show(k5.ports, other, digest),
        lambda: greetings.sound(k5.ports, other, digest),
        lambda: greetings.describe(k5.ports, other, digest, "Моё", ""),
        lambda: greetings.remove(k5.ports, other, digest),
        lambda: greetings.put_instead(k5.ports, other, digest, digest, ACTOR),
        lambda: greetings.show(k5.ports, owner_id, "../8841/x"),
    ):
        with pytest.raises(NotFound):
            act()
    assert one(k5, owner_id, digest).title == "Наше"


def test_a_rule_says_it_and_the_switch_has_it_before(k5: House, owner_id: int) -> None:
    tables, publisher = switch_of(k5)
    publisher.look()
    digest = ready(k5, owner_id)
    k5.clock.forward(seconds=1)
    publisher.look()
    assert tables.sounds == {(owner_id, digest): MADE}
    say(k5, owner_id, digest)
    publisher.look()
    version = tables.entries[f"in/{A}"].split("|")[1]
    assert tables.entries[f"rule/{version}/start"] == f"say|o/{owner_id}/{digest}|vm"
    assert greetings.show(k5.ports, owner_id, digest).said_at == [A]


def test_a_switch_that_lost_a_sound_gets_it_again(k5: House, owner_id: int) -> None:
    tables, publisher = switch_of(k5)
    say(k5, owner_id, ready(k5, owner_id))
    publisher.look()
    kept = dict(tables.sounds)
    tables.sounds.clear()
    tables.sounds[7, "0" * 32] = tables.sounds[owner_id, "1" * 32] = b"nobody's"
    Publisher(k5.ports, tables).look()
    assert tables.sounds == kept


def test_what_a_rule_says_is_not_removed(k5: House, owner_id: int) -> None:
    digest = ready(k5, owner_id)
    say(k5, owner_id, digest)
    with pytest.raises(GreetingUsed) as refused:
        greetings.remove(k5.ports, owner_id, digest)
    assert refused.value.facts == {"number": A}
    assert one(k5, owner_id, digest).state is GreetingState.READY


def test_what_no_rule_said_is_gone_from_the_switch_at_once(k5: House, owner_id: int) -> None:
    tables, publisher = switch_of(k5)
    digest = ready(k5, owner_id)
    publisher.look()
    assert tables.sounds
    greetings.remove(k5.ports, owner_id, digest)
    publisher.look()
    assert tables.sounds == {}
    assert greetings.mine(k5.ports, owner_id) == []


def test_what_a_running_call_may_say_stays_at_the_switch_as_long(k5: House, owner_id: int) -> None:
    tables, publisher = switch_of(k5)
    old, new = ready(k5, owner_id), ready(k5, owner_id, UPLOAD + b"2", "Новое")
    say(k5, owner_id, old)
    publisher.look()
    k5.clock.forward(hours=5)
    assert greetings.put_instead(k5.ports, owner_id, new, old, ACTOR) == 1
    greetings.remove(k5.ports, owner_id, old)
    publisher.look()
    assert tables.sounds.keys() == {(owner_id, old), (owner_id, new)}
    with pytest.raises(NotFound):
        greetings.sound(k5.ports, owner_id, old)
    k5.clock.forward(hours=2)
    greetings.sweep(k5.ports)
    publisher.look()
    assert tables.sounds.keys() == {(owner_id, old), (owner_id, new)}
    k5.clock.forward(seconds=1)
    greetings.sweep(k5.ports)
    publisher.look()
    assert tables.sounds.keys() == {(owner_id, new)}


def test_one_takes_the_place_of_another_in_all_rules(k5: House, owner_id: int) -> None:
    old, new = ready(k5, owner_id), ready(k5, owner_id, UPLOAD + b"2", "Новое")
    menu = Rule({"start": Menu(old, {"1": "s2"}, nothing="s2"), "s2": Say(old, "vm"), "vm": Voicemail(60)})
    rules.change(k5.ports, owner_id, A, 0, lambda _old: menu, ACTOR)
    assert [each.digest for each in greetings.show(k5.ports, owner_id, new).others] == [old]
    assert greetings.show(k5.ports, owner_id, old).others == []
    assert greetings.put_instead(k5.ports, owner_id, new, old, ACTOR) == 1
    page = rules.show(k5.ports, owner_id, A)
    assert page.version == 2
    assert page.rule.prompts() == {new}
    assert page.rule.steps["start"] == Menu(new, {"1": "s2"}, nothing="s2")
    assert greetings.put_instead(k5.ports, owner_id, new, old, ACTOR) == 0
    waits = greetings.upload(k5.ports, owner_id, "Ещё", "", UPLOAD + b"3", ACTOR).digest
    with pytest.raises(NotFound):
        greetings.put_instead(k5.ports, owner_id, waits, new, ACTOR)  # not heard yet: not said


def test_an_older_rule_does_not_bring_back_what_was_removed(k5: House, owner_id: int) -> None:
    old, new = ready(k5, owner_id), ready(k5, owner_id, UPLOAD + b"2")
    version = say(k5, owner_id, old)
    seen = say(k5, owner_id, new)
    greetings.remove(k5.ports, owner_id, old)
    with pytest.raises(WrongRule):
        rules.go_back(k5.ports, owner_id, A, seen, version, ACTOR)
    assert ready(k5, owner_id) == old  # uploaded again, it is the same one
    assert rules.go_back(k5.ports, owner_id, A, seen, version, ACTOR) == seen + 1


def test_one_removed_while_it_is_made_ready_stays_removed(k5: House, owner_id: int) -> None:
    def slow(upload: bytes) -> bytes:
        greetings.remove(k5.ports, owner_id, terms.digest_of(upload))
        return MADE

    greetings.upload(k5.ports, owner_id, "Наше", "", UPLOAD, ACTOR)
    greetings.make_ready(replace(k5.ports, convert=slow))
    assert greetings.mine(k5.ports, owner_id) == []


def test_it_waits_while_the_decoder_does_not_work(k5: House, owner_id: int) -> None:
    def broken(upload: bytes) -> bytes:
        raise Unavailable

    made = greetings.upload(k5.ports, owner_id, "Наше", "", UPLOAD, ACTOR)
    for _ in range(2):
        assert not greetings.make_ready(replace(k5.ports, convert=broken))
    assert one(k5, owner_id, made.digest).state is GreetingState.WAITING
    with k5.ports.sessions.read() as db:
        [listed] = incidents.unresolved(db, 10)
    assert (listed.kind, listed.reference) == (IncidentKind.GREETING_DECODER, k5.ports.today().isoformat())
    assert greetings.make_ready(k5.ports)
    assert one(k5, owner_id, made.digest).state is GreetingState.READY


def test_it_is_erased_with_its_owner_at_the_switch_too(k5: House, owner_id: int) -> None:
    tables, publisher = switch_of(k5)
    ready(k5, owner_id)
    publisher.look()
    k5.clock.forward(seconds=1)
    with k5.ports.sessions.begin() as db:
        owned_rows.erase(db, owner_id, [], k5.clock())
        pbx_rows.touch(db, owner_id, k5.clock())
    publisher.look()
    assert tables.sounds == {}


def test_an_organisation_that_moves_takes_its_sounds_along(k5: House, owner_id: int) -> None:
    here, there = FakeSwitchTables("fake"), FakeSwitchTables("spb")
    both = [Publisher(k5.ports, tables) for tables in (here, there)]
    ready(k5, owner_id)
    for publisher in both:
        publisher.look()
    assert (len(here.sounds), len(there.sounds)) == (1, 0)
    with k5.ports.sessions.begin() as db:
        pbx_rows.touch(db, owner_id, k5.clock() + timedelta(seconds=1))
        db.connection().exec_driver_sql("UPDATE pbx SET switch = 'spb'")
    for publisher in both:
        publisher.look()
    assert (len(here.sounds), len(there.sounds)) == (0, 1)


def test_who_is_blocked_uploads_nothing(k5: House, owner_id: int) -> None:
    blocking.block(k5.ports, owner_id, "staff:anna", "не платит")
    with pytest.raises(SubscriberBlocked):
        greetings.upload(k5.ports, owner_id, "Наше", "", UPLOAD, ACTOR)


def test_what_is_said_is_told_by_the_path_at_the_switch(k5: House, owner_id: int) -> None:
    digest = ready(k5, owner_id)
    assert greetings.titled(k5.ports, f"o/{owner_id}/{digest}") == "Наше"
    greetings.describe(k5.ports, owner_id, digest, "Наше", "Добрый день!")
    assert greetings.titled(k5.ports, f"o/{owner_id}/{digest}") == "Добрый день!"
    assert greetings.titled(k5.ports, f"o/{owner_id + 1}/{digest}") == ""
    assert greetings.titled(k5.ports, "../../etc/passwd") == ""
