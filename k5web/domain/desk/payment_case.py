"""Where a payment is: what is known of it decides the case, and the case decides what staff do next."""

from dataclasses import dataclass
from enum import StrEnum

from k5web.domain.money import Money
from k5web.domain.payments.notice import Refusal
from k5web.domain.payments.top_up import TopUpState


class PaymentCase(StrEnum):
    """What became of a payment. Each has its words and its next step on the page."""

    NEVER_CAME = "never_came"  # nobody told us of it
    ONLY_ASKED = "only_asked"  # whether the account may be paid; no payment followed
    REFUSED = "refused"  # it came, and our answer was no
    PUT_OFF = "put_off"  # it came while we were in trouble, and is to come again
    CONFLICT = "conflict"  # the same name came with another sum or account
    BARRED = "barred"  # the provider took it back before it came
    BEGUN = "begun"  # a top-up waits for its money
    UNCLEAR = "unclear"  # the provider's answers about a top-up make no sense
    NOT_PAID = "not_paid"  # a top-up ended without money
    DOUBTFUL = "doubtful"  # a bank's payment may be a known one
    JOINED = "joined"  # a person said that it is the known one
    SUSPENSE = "suspense"  # it came, and nobody knows whose it is
    CLOSED = "closed"  # it came, and is no subscriber's
    GIVEN = "given"  # it waited, and a person gave it to its owner
    ONLY_THEIRS = "only_theirs"  # the register has it, our books have not
    ONLY_OURS = "only_ours"  # our books have it, the register of its day has not
    SUMS_DIFFER = "sums_differ"
    REVERSED = "reversed"
    REFUNDED = "refunded"
    PART_REFUNDED = "part_refunded"
    CHARGED_BACK = "charged_back"
    CREDITED = "credited"


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """What is known of one payment. A fact that nobody told is empty."""

    last_verdict: str = ""  # of what the provider said of it as paid: ok, repeat, refused, conflict …
    why: str = ""  # of that verdict
    is_asked: bool = False  # whether its account may be paid
    is_barred: bool = False
    top_up: TopUpState | None = None
    doubt: str = ""  # open, joined; one that was credited is a payment like others
    is_posted: bool = False
    is_nobodys: bool = False  # posted to suspense
    is_given: bool = False  # from suspense to its owner
    is_closed: bool = False  # from suspense to the house
    left: Money | None = None  # of a posted one
    back: frozenset[str] = frozenset()  # origins of what took it back
    in_register: bool = False
    difference: str = ""  # that reconciliation found and nobody has dealt with


def case_of(facts: PaymentFacts) -> PaymentCase:
    """Return what became of a payment; of several things that are true, the one that somebody must act upon."""
    if facts.is_posted:
        return _posted(facts)
    if facts.doubt in {"open", "joined"}:
        return PaymentCase.DOUBTFUL if facts.doubt == "open" else PaymentCase.JOINED
    if facts.is_barred:
        return PaymentCase.BARRED
    if facts.in_register:
        return PaymentCase.ONLY_THEIRS
    if facts.top_up is not None:
        return _begun(facts.top_up)
    return _refused(facts)


def _posted(facts: PaymentFacts) -> PaymentCase:
    if facts.is_nobodys:
        return _nobodys(facts)
    if facts.back:
        return _gone_back(facts)
    if facts.difference == "missing_there":
        return PaymentCase.ONLY_OURS
    if facts.difference:
        return PaymentCase.SUMS_DIFFER
    return PaymentCase.CONFLICT if facts.last_verdict == "conflict" else PaymentCase.CREDITED


def _nobodys(facts: PaymentFacts) -> PaymentCase:
    if facts.is_given:
        return PaymentCase.GIVEN
    return PaymentCase.CLOSED if facts.is_closed else PaymentCase.SUSPENSE


def _gone_back(facts: PaymentFacts) -> PaymentCase:
    if "chargeback" in facts.back:
        return PaymentCase.CHARGED_BACK
    if "reversal" in facts.back:
        return PaymentCase.REVERSED
    return PaymentCase.PART_REFUNDED if facts.left and facts.left.minor > 0 else PaymentCase.REFUNDED


def _begun(state: TopUpState) -> PaymentCase:
    if state is TopUpState.UNCLEAR:
        return PaymentCase.UNCLEAR
    return PaymentCase.BEGUN if state.is_open else PaymentCase.NOT_PAID


def _refused(facts: PaymentFacts) -> PaymentCase:
    if not facts.last_verdict:
        return PaymentCase.ONLY_ASKED if facts.is_asked else PaymentCase.NEVER_CAME
    if facts.last_verdict == "conflict":
        return PaymentCase.CONFLICT
    return PaymentCase.PUT_OFF if facts.why == Refusal.LATER else PaymentCase.REFUSED
