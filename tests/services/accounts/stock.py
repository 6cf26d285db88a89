"""A stock, and subscribers on plans that have numbers, for tests."""

import secrets
from dataclasses import replace

from sqlalchemy import update

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.prices.subscription import Subscription, SubscriptionState
from k5web.services.accounts import number_stock
from k5web.services.ports import Ports
from k5web.storage.prices import subscription_rows
from k5web.storage.tables import SubscriberRow

A, B, C = "74950000101", "74950000102", "74990000103"
PITER, FREEPHONE = "78120000104", "78000000105"
PROSTO, GO = "prosto", "go"  # plans: 2500 and 1000 a number; one number that is part of the plan


def fill(ports: Ports, *numbers: str) -> None:
    """Put numbers into the stock."""
    for digits in numbers or (A, B, C, PITER, FREEPHONE):
        number_stock.add(ports, f"+{digits}", is_beautiful=False, actor="staff:anna")


def on(ports: Ports, plan_code: str, subscriber: Subscriber) -> int:
    """Give a subscriber a plan and no other, with «Профи» where it runs only beside one, and return the id."""
    main = "profi" if ports.plans.current(plan_code).needs_plan else plan_code
    with ports.sessions.begin() as db:
        db.execute(update(SubscriberRow).where(SubscriberRow.id == subscriber.id).values(plan=main))
        had = subscription_rows.live(db, subscriber.id)
        ended = SubscriptionState.ENDED
        subscription_rows.save(db, [replace(each, state=ended, ended_on=ports.today()) for each in had])
        for code in dict.fromkeys((main, plan_code)):
            active, today = SubscriptionState.ACTIVE, ports.today()
            new = Subscription(subscriber.id, 0, "plan", code, code, 1, active, today, None)
            subscription_rows.add(db, new, f"{code} {len(had)} {secrets.token_hex(4)}", ports.clock())
    return subscriber.id
