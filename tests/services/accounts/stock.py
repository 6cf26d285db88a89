"""A stock, and subscribers on plans that have numbers, for tests."""

from sqlalchemy import update

from k5web.domain.accounts.subscriber import Subscriber
from k5web.services.accounts import number_stock
from k5web.services.ports import Ports
from k5web.storage.tables import SubscriberRow

A, B, C = "74950000101", "74950000102", "74990000103"
PITER, FREEPHONE = "78120000104", "78000000105"
PROSTO, GO = "prosto", "go"  # plans: 2500 and 1000 a number; one number that is part of the plan


def fill(ports: Ports, *numbers: str) -> None:
    """Put numbers into the stock."""
    for digits in numbers or (A, B, C, PITER, FREEPHONE):
        number_stock.add(ports, f"+{digits}", is_beautiful=False)


def on(ports: Ports, plan_code: str, subscriber: Subscriber) -> int:
    """Put a subscriber on a plan and return the id."""
    with ports.sessions.begin() as db:
        db.execute(update(SubscriberRow).where(SubscriberRow.id == subscriber.id).values(plan=plan_code))
    return subscriber.id
