"""The demo organisation of ./run: a number with a menu, two people with phones, an answered and a missed call."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from k5web.domain.accounts.stock_number import NumberSearch
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.pbx.conversation import Conversation, ConversationLeg, ConversationOutcome
from k5web.domain.pbx.people import PbxUser, phone_login
from k5web.services.accounts import numbers
from k5web.services.pbx import people, rules
from k5web.services.ports import Ports
from k5web.services.prices import subscriptions
from k5web.services.prices.steps import step_of
from k5web.storage.pbx import conversation_rows
from k5web.storage.prices import subscription_rows

PLAN: Final = "go-100"
CODE: Final = "495"
PEOPLE: Final = {"201": "Анна", "203": "Борис"}  # the last digits say how their simulated phones behave
ACTOR: Final = "job:demo"
_FORM: Final = "demo-office"
_CALLERS: Final = {"79161112233": ConversationOutcome.ANSWERED, "79035554466": ConversationOutcome.MISSED}


def furnish(ports: Ports, office: Subscriber) -> str:
    """Give the organisation all that it lacks and return its number, E.164 digits; repeatable."""
    _connect(ports, office)
    number = _rent(ports, office.id)
    users = _hire(ports, office)
    if rules.show(ports, office.id, number).is_default:
        rules.take_template(ports, office.id, number, 0, "office", ACTOR)
    _ring(ports, office.id, number, users[0])
    return number


def _connect(ports: Ports, office: Subscriber) -> None:
    with ports.sessions.read() as db:
        if any(each.code == PLAN for each in subscription_rows.live(db, office.id)):
            return
        step = step_of(ports, db, office, "plan", PLAN, 1, ports.today())
    subscriptions.connect(ports, office, "plan", PLAN, _FORM, step.now)


def _rent(ports: Ports, owner_id: int) -> str:
    """Return the number that is rented already, or rent the first free one."""
    for had in numbers.of_owner(ports, owner_id):
        return had.msisdn.digits
    free = numbers.search(ports, NumberSearch(CODE)).rows[0].msisdn.digits
    numbers.reserve(ports, owner_id, free)
    return numbers.connect(ports, owner_id, free, _FORM, numbers.offer(ports, owner_id, CODE).fee).msisdn.digits


def _hire(ports: Ports, office: Subscriber) -> list[PbxUser]:
    """Return the people, each with a phone. Its password is shown nowhere: the phone is simulated."""
    known = [person.user for person in people.roll(ports, office).people]
    if known:
        return known
    added = [people.add_person(ports, office.id, title, extension) for extension, title in PEOPLE.items()]
    for user in added:
        people.make_account(ports, office.id, user.n)
    return added


def _ring(ports: Ports, owner_id: int, number: str, anna: PbxUser) -> None:
    """Write calls of the last hour, as the import of a switch's records would have, where there are none yet."""
    switch = next(switch.name for switch in ports.switches)
    began, login = ports.clock() - timedelta(minutes=40), phone_login(owner_id, anna.n)
    with ports.sessions.begin() as db:
        if conversation_rows.count(db, owner_id, conversation_rows.Wish()):
            return
        for n, (caller, outcome) in enumerate(_CALLERS.items()):
            name, at = f"k5-demo.{n}", began + timedelta(minutes=20 * n)
            answered, ended = at + timedelta(seconds=4), at + timedelta(seconds=64)
            talk = Conversation(owner_id, switch, name, "in", at, number, caller, number, ended, outcome=outcome)
            if outcome.is_reached:
                talk = replace(talk, answered_at=answered, answered_by=login)
            legs = [
                ConversationLeg(owner_id, switch, name, name, at, "trunk", talk.answered_at, ended, 16),
                ConversationLeg(owner_id, switch, f"{name}1", name, at, login, talk.answered_at, ended, 16),
            ]
            conversation_rows.hear(db, [talk])
            conversation_rows.hear_legs(db, legs)
