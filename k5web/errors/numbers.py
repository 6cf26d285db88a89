"""Refusals about numbers to rent and their stock."""

from k5web.errors.general import K5Error


class WrongCode(K5Error):
    """A number of no code that is rented out. Facts: number, codes."""

    code, status, text = "wrong_code", 400, "{number} is not of a code that is rented out: +7 and {codes}, ten digits"


class WrongStock(K5Error):
    """A file of numbers that cannot be taken; nothing was added. Facts: file, rows (how many), rejected (which)."""

    code, status, text = "wrong_stock", 400, "{file}: {rows} rows are wrong; nothing was added"


class NumberTaken(K5Error):
    """Somebody else has the number since a moment ago, or it rests. Facts: number."""

    code, status, text = "number_taken", 409, "{number} is not free any more"


class ReservationOver(K5Error):
    """The number is not reserved for who wants to connect it. Facts: number."""

    code, status, text = "reservation_over", 409, "{number} is not reserved for this subscriber any more"


class OneReservation(K5Error):
    """A subscriber reserves one number at a time. Facts: number (the one that is reserved)."""

    code, status, text = "one_reservation", 409, "{number} is reserved already: connect it or let it go"


class TooManyReserved(K5Error):
    """Facts: most_times."""

    code, status, text = "too_many_reserved", 429, "{most_times} numbers were reserved today already"


class NotOffered(K5Error):
    """The plan has no numbers of this code (D5). Facts: plan, code."""

    code, status, text = "not_offered", 409, "plan {plan} has no numbers of code {code}"


class NumberLimit(K5Error):
    """The plan has no more numbers than are rented already. Facts: plan, most_times."""

    code, status, text = "number_limit", 409, "plan {plan} has {most_times} such numbers at most"


class NumberUnpaid(K5Error):
    """A plan that gives the number, or that it needs, waits for its fee. Facts: plan."""

    code, status, text = "number_unpaid", 409, "plan {plan} waits for its fee: there is no number before"


class FeeRose(K5Error):
    """A fee is higher than the page said; nothing was taken. Facts: agreed, due (Money)."""

    code, status, text = "fee_rose", 409, "the fee was {agreed} and is {due}"
