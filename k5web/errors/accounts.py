"""Refusals about subscribers, log-ins, passwords and tokens."""

from k5web.errors.general import K5Error
from k5web.errors.prices import NoticeTooShort


class WrongReason(K5Error):
    """Facts: most."""

    code, status, text = "wrong_reason", 400, "give a reason of 1 to {most} characters, in one line"


class WrongLogin(K5Error):
    """Unknown login or wrong password, never said which. Facts: attempts_left."""

    code, status, text = "wrong_login", 403, "the number or the password does not fit"


class LoginPaused(K5Error):
    """Too many wrong passwords. Facts: wait_s."""

    code, status, text = "login_paused", 429, "too many wrong passwords: wait {wait_s} s"


class LoginLocked(K5Error):
    """The password is locked for the day; remembered devices still work. Facts: none."""

    code, status, text = "login_locked", 403, "this password is locked"


class WeakPassword(K5Error):
    """Facts: reason."""

    code, status, text = "weak_password", 400, "{reason}"


class DeviceReused(K5Error):
    """An old token of a remembered browser came back: that browser was logged out. Facts: none."""

    code, status, text = "device_reused", 403, "an old token of this device was used: it is logged out"


class WrongInn(K5Error):
    """A tax number that is none. Facts: none; it is personal."""

    code, status, text = (
        "wrong_inn",
        400,
        "a tax number has 10, 12 or (Kyrgyz) 14 digits; its check digits must be right",
    )


class InvitationOver(K5Error):
    """An invitation that is unknown, revoked, too old or used up: never said which. Facts: none."""

    code, status, text = "invitation_over", 404, "this invitation is no longer good"


class NotYourPhone(K5Error):
    """A phone that is not the subscriber's, whoever else has it. Facts: number."""

    code, status, text = "not_your_phone", 403, "+{number} is not a phone of yours"


class TollFreePhone(K5Error):
    """A toll-free number that is to be a subscriber's own phone. Facts: number."""

    code, status, text = "toll_free_phone", 400, "+{number} is toll-free: it is nobody's own phone"


class PhoneIsRung(K5Error):
    """The phone that calls go to is not taken away before another one is chosen. Facts: number."""

    code, status, text = "phone_is_rung", 409, "+{number} is the phone that rings: choose another first"


class WrongName(K5Error):
    """No name, a very long one, or signs nobody can read. Facts: none."""

    code, status, text = "wrong_name", 400, "give it a name of 1 to 60 characters"


class WrongProfile(K5Error):
    """Particulars that cannot be true. Facts: fields (each wrong one with its rule), said (the same in words)."""

    code, status, text = "wrong_profile", 400, "the particulars cannot be kept: {said}"


class NoConsent(K5Error):
    """Particulars that may be kept by consent alone, which was not given. Facts: none."""

    code, status, text = "no_consent", 400, "personal data are kept by consent, which was not given"


class NotErasable(K5Error):
    """Somebody who still has money, calls, payments, services, a refund or a claim here. Facts: why, obstacles."""

    code, status, text = "not_erasable", 409, "the data cannot be erased yet: {why} must be ended first"


class SubscriberErased(K5Error):
    """Somebody of whom nothing is known any more. Facts: none."""

    code, status, text = "erased", 409, "the data of this subscriber were erased, for good: add a new subscriber"


class WrongToken(K5Error):
    """No token, an unknown one, an ended one, a wrong secret: never said which. Facts: none."""

    code, status, text = "wrong_token", 401, "this token is unknown, expired or revoked"


class TokenMayNotCall(K5Error):
    """A token that only looks. Facts: none."""

    code, status, text = "token_may_not_call", 403, "this token may look, but not call"


class DocumentTooSoon(NoticeTooShort):
    """A document of the contract that worsens something, sooner than it may (B2). Facts: what, day, earliest, rows."""

    text = "{what} becomes worse on {day}, sooner than notice of it can be given: choose {earliest} or later"


class DocumentOrder(K5Error):
    """A version of a document that cannot follow those there are. Facts: kind, reason."""

    code, status, text = "document_order", 409, "{kind}: {reason}"


class UnknownParticular(K5Error):
    """A document names what the operator's settings do not say. Facts: name, kind."""

    code, status = "unknown_particular", 409
    text = "the {kind} needs '{name}' of the operator: write it into the file of K5_PAYEE"


class NotOverdue(K5Error):
    """The operator may not end this contract yet, or at all. Facts: owner_id, until ("" where nothing is borne)."""

    code, status, text = "not_overdue", 409, "the contract of {owner_id} may not be ended: {until}"


class ContractNotEnded(K5Error):
    """An advance is refunded after the contract. Facts: none."""

    code, status, text = "contract_not_ended", 409, "the contract has not ended"


class NothingToRefund(K5Error):
    """No unused advance, or no open application. Facts: none."""

    code, status, text = "nothing_to_refund", 409, "there is nothing to refund"


class WrongRefund(K5Error):
    """Where to pay cannot be right. Facts: key (recipient, account, bank), reason."""

    code, status, text = "wrong_refund", 400, "{key}: {reason}"
