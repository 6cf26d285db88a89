"""Commands that a mobile phone sends by USSD: balance, what is left, options and the plan. The plan files name them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from k5web.domain.accounts.subscriber import Subscriber, admitted
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan import Fee, Plan
from k5web.domain.prices.subscription import Sort, Subscription
from k5web.errors import NotFound
from k5web.services.ports import Ports
from k5web.services.prices import steps, subscriptions
from k5web.services.prices.allowance_accounts import AllowanceLeft
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger

BALANCE, REMAINDERS = "*100#", "*100*1#"


@dataclass(frozen=True, slots=True)
class Balance:
    """What may be spent."""

    available: Money


@dataclass(frozen=True, slots=True)
class Remainders:
    """What is left of the allowances."""

    allowances: Sequence[AllowanceLeft]


@dataclass(frozen=True, slots=True)
class Connected:
    """A plan or an option that is connected now."""

    sort: Sort
    title: str
    taken: Money
    fees: Sequence[Fee]  # all that recurs by it


@dataclass(frozen=True, slots=True)
class Ended:
    """What was ended, each with its last day; nothing where nothing of it was connected."""

    titles: Sequence[str]
    subscriptions: Sequence[Subscription]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A code that means nothing here."""


Reply = Balance | Remainders | Connected | Ended | Unknown


def codes(plans: Iterable[Plan]) -> list[tuple[str, str]]:
    """Return what may be dialled on these plans, each with what it does, in words; the same code once."""
    found: dict[str, list[str]] = {BALANCE: ["баланс"], REMAINDERS: ["остатки пакетов"]}
    for plan in plans:
        found.setdefault(plan.ussd, []).append(f"тариф «{plan.title}»")
        for option in plan.options.values():
            found.setdefault(option.ussd_on, []).append(f"подключить «{option.title}»")
            found.setdefault(option.ussd_off, []).append(f"отключить «{option.title}»")
    return [(code, ", ".join(words)) for code, words in found.items() if code]


def answer(ports: Ports, phone: Msisdn, code: str, session: str) -> Reply:
    """Do what a code asks and return what came of it; the same session of the network gets what it ordered once.

    Raises: NotFound where nobody has this phone; SubscriberBlocked; what `subscriptions.connect` raises.
    """
    with ports.sessions.read() as db:
        found = subscribers.find(db, [phone], None)
        if not found:
            raise NotFound(what=f"subscriber {phone.masked}")
        subscriber = admitted(found[0][0])
        available = ledger.purse(db, subscriber.id).available
    if code == BALANCE:
        return Balance(available)
    if not code:  # what has no code is not ordered by an empty one
        return Unknown()
    if code == REMAINDERS:
        return Remainders(subscriptions.overview(ports, subscriber).allowances)
    return _ordered(ports, subscriber, code, f"ussd:{session}:{code}")  # a session may bring several codes


def _ordered(ports: Ports, subscriber: Subscriber, code: str, form_key: str) -> Reply:
    plan = ports.plans.of(subscriber)
    for option in plan.options.values():
        if option.ussd_on == code:
            return _connect(ports, subscriber, "option", option.code, form_key)
    ending = [option.code for option in plan.options.values() if option.ussd_off == code]
    if ending:
        return _end(ports, subscriber, ending)
    for other in ports.plans.codes():
        if ports.plans.current(other).ussd == code:
            return _connect(ports, subscriber, "plan", other, form_key)
    return Unknown()


def _connect(ports: Ports, subscriber: Subscriber, sort: Sort, code: str, form_key: str) -> Connected:
    step = steps.look_at(ports, subscriber, sort, code)
    subscriptions.connect(ports, subscriber, sort, code, form_key, step.now)
    return Connected(sort, step.title, step.now, step.fees)


def _end(ports: Ports, subscriber: Subscriber, codes: Sequence[str]) -> Ended:
    held = subscriptions.overview(ports, subscriber).held
    theirs = [each for each in held if each.subscription.sort == "option" and each.subscription.code in codes]
    done = [subscriptions.disconnect(ports, subscriber, each.subscription.n) for each in theirs]
    return Ended([each.title for each in theirs], done)
