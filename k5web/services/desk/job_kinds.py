"""What may be done with a file that staff hand in: each kind by its name, and what carries it out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from k5web.domain.desk.action import Action
from k5web.domain.desk.job import Job
from k5web.errors import K5Error, LargePayment
from k5web.services.desk import loading, price_checks
from k5web.services.ports import Ports

Progress = Callable[[str, int, int], None]  # told the step, how far it is, of how much

# Does what a job is about, with its file, and returns plain facts for the page. It is run again where a worker was
# killed, so whatever it does goes by names that are there once. It raises a K5Error where the file is not believed
CarryOut = Callable[[Ports, Job, Path, Progress], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of work. `asks`: the refusals that a person may answer with «it is right», and then it goes on.

    `told`: what of a refusal is kept for the page beside its words. `action`: what whoever sees it must be allowed
    to do.
    """

    carry_out: CarryOut
    asks: tuple[type[K5Error], ...] = ()
    told: Callable[[K5Error], Mapping[str, Any]] = lambda _refusal: {}
    action: Action = Action.SEE_REGISTERS


KINDS: Final[Mapping[str, JobKind]] = {
    "register": JobKind(loading.load_register),
    "statement": JobKind(loading.load_statement, asks=(LargePayment,)),
    "deck": JobKind(price_checks.check_deck, told=price_checks.told, action=Action.SEE_PRICES),
    "approval": JobKind(price_checks.publish, told=price_checks.told, action=Action.SEE_PRICES),
    "plan": JobKind(price_checks.check_plan, told=price_checks.told, action=Action.SEE_PRICES),
}
