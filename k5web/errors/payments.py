"""Refusals about payments, providers and their registers."""

from k5web.errors.general import K5Error


class ForgedNotice(K5Error):
    """A provider's notice that is not the provider's. Facts: reason."""

    code, status, text = "forged_notice", 403, "not authentic: {reason}"


class MalformedNotice(K5Error):
    """A provider's notice that cannot be read. Facts: reason."""

    code, status, text = "malformed_notice", 400, "cannot be read: {reason}"


class ProviderRefused(K5Error):
    """The payment provider said no: nothing was begun, nothing moved. Facts: reason."""

    code, status, text = "provider_refused", 502, "the payment provider refused: {reason}"


class NumberUsed(ProviderRefused):
    """The provider has another order under the number that was given. Facts: reason."""

    code, status, text = "provider_refused", 502, "the payment provider has this order number already: {reason}"


class SavedCardGone(ProviderRefused):
    """The gateway does not keep the saved card any more: K5 forgets it too. Facts: reason."""

    code, status, text = "saved_card_gone", 409, "the saved card cannot be used: {reason}"


class PasswordNeeded(K5Error):
    """Saved cards gave their sum of the day without a password: above it the owner types it. Facts: most, used."""

    code, status, text = "password_needed", 403, "{used} of {most} a day were taken without a password"


class TooManyCards(K5Error):
    """Cards are being tried from this account: no more of them today. Facts: none."""

    code, status, text = "too_many_cards", 429, "too many cards were tried from this account today"


class TooManyOpen(K5Error):
    """Payments that were begun and not paid. Facts: limit."""

    code, status, text = "too_many_open", 429, "{limit} payments are open already: pay one of them or wait for its end"


class ProviderUnknown(K5Error):
    """No clear answer from the payment provider: it may have been done. Look before repeating. Facts: reason."""

    code, status, text = "provider_unknown", 502, "the payment provider did not answer: {reason}"


class SumOutsideLimits(K5Error):
    """Facts: minimum, maximum (Money)."""

    code, status, text = "sum_outside_limits", 400, "a payment is from {minimum} to {maximum}"


class WrongRegister(K5Error):
    """A provider's register that cannot be believed; nothing is marked. Facts: line, reason."""

    code, status, text = "wrong_register", 400, "line {line}: {reason}"


class WrongResolution(K5Error):
    """What cannot be done about such a difference. Facts: verdict, how."""

    code, status, text = "wrong_resolution", 400, "a difference '{verdict}' cannot be resolved as '{how}'"
