"""Refusals of proposals and of money that staff move by hand."""

from typing import Final

from k5web.errors.general import K5Error


class OwnProposal(K5Error):
    """Nobody decides about a proposal of their own. Facts: n."""

    code, status, text = "own_proposal", 403, "proposal {n} is your own: another member of the staff approves it"


class NotWaiting(K5Error):
    """A proposal that is decided stays as it was decided. Facts: n, state, by."""

    code, status, text = "not_waiting", 409, "proposal {n} waits no longer: it is {state}, by {by}"


class FormUsed(K5Error):
    """The form was sent before with other words; nothing was done. Facts: n (the proposal that it made)."""

    code, status, text = "form_used", 409, "this form was sent already and made proposal {n}: open a new one"


class FactsChanged(K5Error):
    """What would happen now is not what was shown; nothing was done. Facts: none."""

    code, status = "facts_changed", 409
    text = "what would happen now is not what was shown then: nothing was done, look at it anew"


class NotYours(K5Error):
    """Only who proposed it takes it back. Facts: n, by."""

    code, status, text = "not_yours", 403, "proposal {n} is of {by}, who alone can withdraw it"


class WrongForm(K5Error):
    """A form without its key, or with one that no form has. Facts: none."""

    code, status, text = "wrong_form", 400, "the form has no key of its own: open it anew"


DEED_REASONS: Final = {
    "zero": "the sum must be above zero",
    "counter": "this is no account of the house that may stand against it",
    "no_debt": "no more than the debt can be written off",
    "not_bank": "it came by no bank's statement",
    "not_payment": "it is no payment",
    "same_owner": "it is this subscriber's already",
    "done_before": "it was done before, and nothing is moved a second time",
    "other_number": "this number of the provider is another order's, or was credited already",
    "not_open": "this top-up has ended, or a refund of it is under way",
}


class WrongDeed(K5Error):
    """Money that staff cannot move so. Facts: why, one of DEED_REASONS, and the reason in words."""

    code, status, text = "wrong_deed", 409, "nothing is moved: {reason}"

    def __init__(self, *, why: str, **facts: object) -> None:
        super().__init__(**{**facts, "why": why, "reason": DEED_REASONS.get(why, why)})
