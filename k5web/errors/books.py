"""Refusals of the ledger."""

from k5web.errors.general import K5Error


class CurrencyMismatch(K5Error):
    """Facts: left, right."""

    code, status, text = "currency_mismatch", 409, "{left} and {right} do not add up: exchange first"


class InsufficientFunds(K5Error):
    """Nothing was taken. Facts: available, needed (Money)."""

    code, status, text = "insufficient_funds", 402, "{available} is left, {needed} is needed"


class AccountClosed(K5Error):
    """Facts: account_id."""

    code, status, text = "account_closed", 409, "account {account_id} is closed"


class RefundTooLarge(K5Error):
    """Facts: origin, key, left (Money)."""

    code, status, text = "refund_too_large", 409, "of {origin}/{key} only {left} can still be refunded"


class RefundInFlight(K5Error):
    """The provider has not answered the last refund yet: look first. Facts: reference."""

    code, status, text = "refund_in_flight", 409, "a refund of {reference} is under way: its outcome comes first"


class WrongReceiver(K5Error):
    """Nobody who money may be sent to. Facts: why (unknown, several, self, inactive, currency)."""

    code, status, text = "wrong_receiver", 409, "money cannot be sent to this receiver: {why}"


class TransferTooSmall(K5Error):
    """Facts: least (Money)."""

    code, status, text = "transfer_too_small", 400, "the smallest transfer is {least}"


class TransferLimit(K5Error):
    """More than may be passed on now. Facts: bound (day, card), most (Money, now), maximum (Money, a day)."""

    code, status, text = "transfer_limit", 409, "{most} may be sent now: the bound is {bound}"


class PromiseRefused(K5Error):
    """No promised payment now. Facts: why (off, open, owed, young, unpaid, sum, using); minimum, maximum (Money), days
    (int) and needed (Money) of the terms, where there are any."""

    code, status, text = "promise_refused", 409, "no payment can be promised now: {why}"


class DayNotOver(K5Error):
    """A day is to be closed that the database's clock has not seen the end of. Facts: day, clock (datetime)."""

    code, status = "day_not_over", 409
    text = "{day} is not over by the database's clock, which shows {clock}: set this machine's clock right"


class WrongArchive(K5Error):
    """A file of an archived month does not come out. Facts: line, reason."""

    code, status, text = "wrong_archive", 409, "line {line}: {reason}"


class ArchiveDiffers(K5Error):
    """The books give another file of a month than the one that was made of it before. Facts: month (date), was, now."""

    code, status = "archive_differs", 409
    text = (
        "{month:%Y-%m}: the file that was made before has the digest {was}, now it would be {now}: what was sealed has "
        "changed; run k5 ledger verify and keep the first file"
    )


class NotArchivable(K5Error):
    """A month stays in the books. Facts: month (date), reason."""

    code, status, text = "not_archivable", 409, "{month:%Y-%m}: {reason}"


class WrongPeriod(K5Error):
    """Days that make no period. Facts: first, last (whatever was typed)."""

    code, status, text = "wrong_period", 400, "there is no period from {first} to {last}"


class ExportTooLong(K5Error):
    """More lines than one file may have. Facts: lines, most_lines."""

    code, status, text = "export_too_long", 409, "{lines} lines are too many for one file: at most {most_lines}"


class NotClaimable(K5Error):
    """Nothing that may be disputed, or not any more. Facts: why (no_charge, returned, corrected, open, late), last_day
    (of "late"), n (of "open")."""

    code, status, text = "not_claimable", 409, "this cannot be disputed: {why}"


class WrongClaim(K5Error):
    """Facts: key (sum, reason, text), most."""

    code, status, text = "wrong_claim", 400, "{key} cannot be right: at most {most}"


class ClaimAnswered(K5Error):
    """Somebody gave another answer before. Facts: n, outcome, by, at."""

    code, status, text = "claim_answered", 409, "claim {n} was answered before: {outcome}, {at}, by {by}"


class NothingToPay(K5Error):
    """A claim whose money is not to go to a bank account, or went there. Facts: n, why."""

    code, status, text = "nothing_to_pay", 409, "nothing is to be paid for claim {n}: {why}"
