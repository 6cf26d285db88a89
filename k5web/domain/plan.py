"""Plans as data: what a plan lets its subscriber do and which rules price a call."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Plan:
    """The calling rules of a plan. Units: `_s` seconds, `max_talk_minutes` whole minutes."""

    code: str
    deck: str  # the rate deck that prices both legs
    a_leg_from: Literal["b_answer", "a_answer"]  # what leg A's seconds are: contract.md 7
    calls_at_once: int
    max_talk_minutes: int = 60  # E9: the operator's longest connection
    ring_a_s: int = 40
    ring_b_s: int = 45


PLANS = {plan.code: plan for plan in [Plan(code="k5", deck="k5", a_leg_from="b_answer", calls_at_once=1)]}
FIRST_PLAN = "k5"  # what a new subscriber has
PUBLIC_DECK = PLANS[FIRST_PLAN].deck  # the prices strangers are shown
