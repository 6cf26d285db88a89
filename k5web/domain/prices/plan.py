"""Plans as data: what a plan lets its subscriber do and which rules price a call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from k5web.errors import CurrencyMismatch


@dataclass(frozen=True, slots=True)
class Plan:
    """The calling rules of a plan. Units: `_s` seconds, `max_talk_minutes` whole minutes."""

    code: str
    deck: str  # the rate deck that prices both legs, in roubles
    a_leg_from: Literal["b_answer", "a_answer"]  # what leg A's seconds are: docs/telephony.md
    calls_at_once: int
    max_talk_minutes: int = 60  # E9: the operator's longest connection
    ring_a_s: int = 40
    ring_b_s: int = 45
    other_decks: Mapping[str, str] = field(default_factory=dict)  # of accounts in other currencies

    @property
    def decks(self) -> Mapping[str, str]:
        """The deck by the currency of the account."""
        return {HOME_CURRENCY: self.deck} | dict(self.other_decks)

    def deck_in(self, currency: str) -> str:
        """Return the deck that prices calls of an account in this currency. Raises: CurrencyMismatch: there is none."""
        if currency not in self.decks:
            raise CurrencyMismatch(left=HOME_CURRENCY, right=currency)
        return self.decks[currency]


HOME_CURRENCY = "RUB"
K5 = Plan(code="k5", deck="k5", a_leg_from="b_answer", calls_at_once=1, other_decks={"KGS": "k5-kgs"})
PLANS = {plan.code: plan for plan in [K5]}
FIRST_PLAN = "k5"  # what a new subscriber has
PUBLIC_DECK = PLANS[FIRST_PLAN].deck  # the prices strangers are shown
