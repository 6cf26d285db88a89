"""Refusals about the bank's papers and payments."""

from k5web.errors.general import K5Error


class WrongRequisite(K5Error):
    """A bank detail that cannot be true, or does not fit into a payment. Facts: key, reason."""

    code, status, text = "wrong_requisite", 500, "{key}: {reason}"


class NotPrintable(K5Error):
    """A character that our fonts cannot draw, or one that is not printable. Facts: sign."""

    code, status, text = "not_printable", 409, "the sign {sign} cannot be printed"


class WrongStatement(K5Error):
    """A bank's statement that cannot be believed; nothing of it is credited. Facts: line, reason."""

    code, status, text = "wrong_statement", 400, "line {line}: {reason}"


class LargePayment(WrongStatement):
    """A statement with a payment so large that it is asked about. Facts: line, reason, amount, most."""


class WrongBuyer(K5Error):
    """An organisation that cannot be invoiced so. Facts: key (name, inn, kpp, address)."""

    code, status, text = "wrong_buyer", 400, "the buyer's {key} cannot be right"


class GivenAlready(K5Error):
    """A payment from suspense that has already been assigned. Facts: number, owner_id."""

    code, status, text = "given_already", 409, "payment {number} was given to subscriber {owner_id} already"


class ClosedAlready(K5Error):
    """A payment of suspense that was closed as no subscriber's. Facts: number, day, reason."""

    code, status = "closed_already", 409
    text = "payment {number} was closed on {day}: {reason}; `k5 bank close {number} --undo` takes it back first"


class WrongClosing(K5Error):
    """A reason, rule or house account that money cannot leave suspense by. Facts: reason."""

    code, status, text = "wrong_closing", 400, "{reason}"


class DecidedAlready(K5Error):
    """A payment in doubt about which a person decided the other way. Facts: number, state."""

    code, status, text = "decided_already", 409, "payment {number} in doubt is {state} already"
