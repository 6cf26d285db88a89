"""What the worker repeats beside the calls, each round in a thread of its own: nobody who presses waits for it.

Fees, messages, cards, files and the jobs of the desk have a round each, and so has every provider that can be asked:
one that is slow to answer keeps no other waiting.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread
from typing import ParamSpec

from k5web.domain.payments.connector import Looks
from k5web.errors import HouseRestored, Unavailable, WrongSetting
from k5web.services.accounts import acceptance, announcing, endings
from k5web.services.books import acts, bill_check, bonuses, exports, sealing
from k5web.services.calls import alarms
from k5web.services.desk import jobs, proposals
from k5web.services.messaging import delivery
from k5web.services.payments import auto_topups, polling, register_days, saved_cards
from k5web.services.pbx import ahead, greetings, hook_delivery, hooks, recording_sweep
from k5web.services.pbx.hook_delivery import Postman
from k5web.services.pbx.publishing import Publisher
from k5web.services.ports import Ports
from k5web.services.prices import billing, idle, margins, objections

logger = logging.getLogger(__name__)

P = ParamSpec("P")
Step = Callable[[Ports], object]
LOOK_EVERY_S = 0.5
SHUT_S = 5.0  # between two looks at a house that was brought back
HOUR_S = 3600.0
GOODBYE_S = 2.0  # what is under way may end with its owner


@contextmanager
def beside(ports: Ports, is_stopped: Callable[[], bool], told: Sequence[Publisher] = ()) -> Iterator[None]:
    """Run all rounds until the end of the block, or until told to stop. `told`: tell switches of organisations."""
    is_over = Event()
    rounds = [*_rounds(ports), *([seldom(1.0, _telling(publisher))] for publisher in told)]
    threads = [Thread(target=_repeat, args=(ports, steps, is_stopped, is_over), daemon=True) for steps in rounds]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        end = time.monotonic() + GOODBYE_S
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))


def _rounds(ports: Ports) -> list[Sequence[Step]]:
    asked = [connector.origin for connector in ports.connectors if isinstance(connector, Looks)]
    return [
        [
            seldom(60.0, _daily(_end_contracts)),
            seldom(5.0, billing.run),
            _daily(idle.move_idle),
            _daily(bonuses.run),
        ],
        [seldom(60.0, announcing.announce), seldom(HOUR_S, acceptance.by_conduct)],
        [seldom(HOUR_S, _issue_acts), seldom(600.0, margins.sum_days)],
        [delivery.deliver_due, seldom(60.0, delivery.sweep)],
        [seldom(60.0, sealing.close_due)],
        [seldom(60.0, proposals.expire)],
        [seldom(20.0, alarms.look)],
        [
            seldom(10.0, recording_sweep.measure),
            seldom(60.0, recording_sweep.expire),
            seldom(HOUR_S, recording_sweep.compare),
        ],
        [until_it_works(1.0, HOUR_S, greetings.make_ready), seldom(600.0, greetings.sweep)],
        [seldom(60.0, ahead.keep)],
        [seldom(1.0, hooks.tell_due), Postman().deliver_due, seldom(HOUR_S, hook_delivery.sweep)],
        [seldom(1.0, exports.make_due), seldom(60.0, exports.sweep)],
        [seldom(1.0, jobs.run_due), seldom(60.0, jobs.sweep)],
        [seldom(HOUR_S, bill_check.count_due), seldom(HOUR_S, register_days.count_due)],
        [seldom(5.0, auto_topups.run_due), seldom(HOUR_S, saved_cards.tell_removed)],
        *([seldom(1.0, partial(polling.poll, origin=origin))] for origin in asked),
    ]


def _repeat(ports: Ports, steps: Sequence[Step], is_stopped: Callable[[], bool], is_over: Event) -> None:
    while not (is_over.is_set() or is_stopped()):
        for step in steps:
            try:
                ports.sessions.ask()  # files and switches have no gate of their own
                step(ports)
            except HouseRestored:  # the gate has told it once
                is_over.wait(SHUT_S)
                break
            except Unavailable:  # the database's trouble is told where it was met
                logger.warning("a round waits for its next time")
            except Exception:  # a fault of one step must end neither the others nor its own next time
                logger.exception("a round failed")
        is_over.wait(LOOK_EVERY_S)


def seldom(every_s: float, step: Callable[P, object]) -> Callable[P, None]:
    """Return the step, taken at most so often."""
    next_at = 0.0

    def take(*args: P.args, **kwargs: P.kwargs) -> None:
        nonlocal next_at
        if time.monotonic() >= next_at:
            next_at = time.monotonic() + every_s
            step(*args, **kwargs)

    return take


def _telling(publisher: Publisher) -> Step:
    """Return the step that tells one switch what it does not know yet."""
    return lambda _ports: publisher.look()


def _issue_acts(ports: Ports) -> None:
    """Issue and correct acts. What the operator has to set before is said; it is no fault of ours."""
    try:
        acts.run(ports)
    except WrongSetting as error:
        logger.warning("acts wait", extra={"reason": str(error)})


def _end_contracts(ports: Ports) -> None:
    """End what has come to its day. Raises: Unavailable (somebody's could not be ended: it is to be tried again)."""
    failed: list[int] = []
    objections.carry_out(ports, failed.append)
    endings.carry_out(ports, failed.append)
    if failed:
        raise Unavailable


def _daily(step: Step) -> Step:
    """Return the step, taken once on each of the operator's days, and again where it failed."""
    done_on = None

    def take(ports: Ports) -> None:
        nonlocal done_on
        today = ports.today()
        if done_on != today:
            step(ports)
            done_on = today

    return take


def until_it_works(every_s: float, most_s: float, step: Callable[P, bool]) -> Callable[P, None]:
    """Return the step, taken at most so often; each time that it says False it waits twice as long, up to `most_s`."""
    next_at, pause_s = 0.0, every_s

    def take(*args: P.args, **kwargs: P.kwargs) -> None:
        nonlocal next_at, pause_s
        if time.monotonic() >= next_at:
            next_at = time.monotonic() + pause_s  # where the step ends in a fault, too
            pause_s = every_s if step(*args, **kwargs) else min(2 * pause_s, most_s)
            next_at = time.monotonic() + pause_s

    return take
