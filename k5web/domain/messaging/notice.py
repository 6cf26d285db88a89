"""Notices: what subscribers are told of, and by which way where they have not chosen one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Way = Literal["sms", "email", "off"]


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind of event. `may_be_off`: the contract does not oblige us to tell of it (B2).

    `by_both`: it goes by SMS and by e-mail to whoever has both, whatever they chose.
    """

    first: Way  # until the subscriber chooses
    may_be_off: bool = True
    by_both: bool = False

    def way(self, chosen: Way | None, *, has_email: bool) -> Way:
        """Return how it is told: what must be told goes by SMS where there is no confirmed e-mail address."""
        wished = chosen or self.first
        if wished == "email" and not has_email:
            return "off" if self.may_be_off else "sms"
        return "sms" if wished == "off" and not self.may_be_off else wished


KINDS: Final[Mapping[str, NoticeKind]] = {
    "low_balance": NoticeKind("sms"),
    "payment": NoticeKind("email"),
    "fee_not_taken": NoticeKind("sms"),
    "resume": NoticeKind("sms"),
    "plan_change": NoticeKind("email", may_be_off=False),
    "deck_change": NoticeKind("email", may_be_off=False),
    "change_withdrawn": NoticeKind("email", may_be_off=False),
    "offer_change": NoticeKind("email", may_be_off=False, by_both=True),
    "contract_ending": NoticeKind("sms", may_be_off=False),
    "contract_ended": NoticeKind("sms", may_be_off=False, by_both=True),
    "claim_answered": NoticeKind("email", may_be_off=False),
    "claim_paid": NoticeKind("email", may_be_off=False),
    "device": NoticeKind("email"),
    "card_removed": NoticeKind("email"),
    "act": NoticeKind("email"),
    "voicemail": NoticeKind("email"),
    "hook_paused": NoticeKind("sms"),
    "suspended": NoticeKind("sms", may_be_off=False),
    "resumed": NoticeKind("sms", may_be_off=False),
}
SECRETS: Final = frozenset({"code", "password"})  # kinds of messages whose text is forgotten once it is sent
