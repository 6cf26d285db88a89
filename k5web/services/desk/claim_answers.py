"""What the staff's answer to a claim asks for: above the limit a second person has to approve it."""

from textwrap import shorten

from k5web.domain.books.claim import LONGEST_ANSWER, Claim
from k5web.domain.desk.proposal import Wish
from k5web.domain.money import Money
from k5web.domain.reason import LONGEST_REASON, checked_reason


def uphold_wish(claim: Claim, given: Money, to_bank: bool | None, answer: str, form_key: str) -> Wish:
    """Return the wish to give back a sum of a claim; `to_bank` None: as the subscriber wished. Raises: WrongReason."""
    said = checked_reason(answer, LONGEST_ANSWER)
    payload = {
        "n": claim.n,
        "minor": given.minor,
        "currency": given.currency,
        "to_bank": claim.wants_money if to_bank is None else to_bank,
        "answer": said,
    }
    reason = shorten(said, LONGEST_REASON, placeholder=" …")
    return Wish("uphold_claim", form_key, payload, reason, owner_id=claim.owner_id, amount=given)
