"""Refusals about numbers, prices and rate decks."""

from k5web.errors.general import K5Error


class WrongPrice(K5Error):
    """Facts: text."""

    code, status, text = "wrong_price", 400, "'{text}' is not a price: at most six decimals, like 1.75"


class WrongNumber(K5Error):
    """Text that is no telephone number. Facts: text."""

    code, status, text = "wrong_number", 400, "'{text}' is not a telephone number: write it like +74951234567"


class NotInternational(WrongNumber):
    """A number as it is dialled at home, where a file or a program must name the country. Facts: text, meant."""

    text = "'{text}' is written as it is dialled at home: if {meant} is meant, write it so"


class NoRate(K5Error):
    """No prefix of the deck fits. Facts: number, deck."""

    code, status, text = "no_rate", 404, "deck {deck} has no price for +{number}"


class DirectionBlocked(NoRate):
    """The deck closes this range. Facts: number, deck, destination."""

    code, text = "direction_blocked", "deck {deck} closes {destination}: +{number} cannot be called"


class NoRoute(NoRate):
    """A price stands, but no carrier takes the number: nothing was held. Facts: number."""

    code, text = "no_route", "no carrier takes +{number}: see k5 deck gaps and k5 trunk list"


class WrongRate(K5Error):
    """A rate of exchange by which a price would become nothing. Facts: rate, price."""

    code, status, text = (
        "wrong_rate",
        400,
        "by the rate {rate} the price {price} becomes nothing",
    )


class NoDeck(K5Error):
    """Facts: deck."""

    code, status = "no_deck", 503
    text = (
        "no price list '{deck}' is in force: k5 deck list shows one that waits for its day, k5 deck import brings one"
    )


class NoPricesThen(K5Error):
    """A use before the first prices. Facts: deck."""

    code, status, text = "no_prices_then", 404, "no price list '{deck}' was in force then"


class WrongDeck(K5Error):
    """A deck that cannot be taken; nothing was imported. Facts: file, rows (how many), rejected (which)."""

    code, status, text = "wrong_deck", 400, "{file}: {rows} rows are wrong; nothing was imported"


class DeckStopped(K5Error):
    """A price list that a person must look at before it follows the one in force. Facts: file, reasons, difference."""

    code, status, text = "deck_stopped", 409, "{file} was not imported: {reasons}"


class WrongPlan(K5Error):
    """A plan file that cannot be taken. Facts: file, faults (how many), first, found (lines and words)."""

    code, status = "wrong_plan", 400
    text = "{file}: {first}; mistakes in all: {faults}, k5 plan check names each"


class NoPlan(K5Error):
    """Facts: code."""

    code, status, text = "no_plan", 404, "there is no plan '{code}': k5 plan list names those there are"


class NoPlanThen(K5Error):
    """A use before the first version of a plan. Facts: plan."""

    code, status, text = "no_plan_then", 404, "plan '{plan}' was not in force then"


class PlanDayTaken(K5Error):
    """Facts: plan."""

    code, status, text = "plan_day_taken", 409, "plan {plan} has a version for this day already: choose another day"


class DraftTaken(K5Error):
    """Facts: what, day, draft (its number)."""

    code, status = "draft_taken", 409
    text = "draft {draft} of {what} for {day} is open: publish or drop it first"


class DraftEnded(K5Error):
    """Facts: draft."""

    code, status, text = "draft_ended", 409, "draft {draft} is published or dropped already"


class DraftOutdated(K5Error):
    """Another version was published or taken back since a draft was looked at. Facts: draft."""

    code, status = "draft_outdated", 409
    text = "prices were published or taken back since draft {draft} was checked: check it again and look anew"


class DraftTooLong(K5Error):
    """Facts: rows, most."""

    code, status = "draft_too_long", 400
    text = "the list has {rows} prices, more than {most}: import it with k5 deck import"


class InForceAlready(K5Error):
    """Prices that cannot be taken back any more. Facts: what, day."""

    code, status = "in_force_already", 409
    text = "{what} is in force since {day} and cannot be taken back: publish the earlier one anew, for a day to come"


class WithdrawnAlready(K5Error):
    """Facts: what."""

    code, status, text = "withdrawn_already", 409, "{what} was taken back already"


class StillDearer(K5Error):
    """Without a version that is taken back the next one makes prices dearer too soon. Facts: what, day."""

    code, status = "still_dearer", 409
    text = "without it {what} makes prices dearer on {day}, sooner than notice of it can be given: take that back first"


class PastDay(K5Error):
    """Prices for days that are over. Facts: day, today."""

    code, status, text = "past_day", 400, "{day} is over: choose today, {today}, or later"


class DayTooFar(K5Error):
    """A day so far ahead that the year must be mistyped. Facts: day, latest."""

    code, status, text = "day_too_far", 400, "{day} is too far ahead: look at the year, and choose {latest} or earlier"


class NoticeTooShort(K5Error):
    """A change that makes something dearer or worse, sooner than it may (B2). Facts: what, day, earliest, rows."""

    code, status = "notice_too_short", 409
    text = "{what} becomes dearer on {day}, sooner than notice of it can be given: choose {earliest} or later"


class NothingToObject(K5Error):
    """No dearer plan or price list is announced to this subscriber, or its day has come. Facts: owner_id."""

    code, status = "nothing_to_object", 409
    text = "no dearer plan or price list is announced to subscriber {owner_id} that is not in force yet"


class NotInPlan(K5Error):
    """A use that the plan has no price for, or closes. Facts: plan, what."""

    code, status, text = "not_in_plan", 409, "plan {plan} has no price for {what}"


class PlanNotOpen(K5Error):
    """A plan that this subscriber cannot take, or end. Facts: plan, why."""

    code, status, text = "plan_not_open", 409, "plan {plan} cannot be taken: {why}"


class PlanUnpaid(K5Error):
    """What the plan stops while its fee is unpaid. Facts: what."""

    code, status, text = (
        "plan_unpaid",
        402,
        ("the fee of the plan is not paid: {what} stopped until a top-up"),
    )


class TermsChanged(K5Error):
    """Another version of a plan than a subscriber was shown; nothing was taken. Facts: plan (its title)."""

    code, status, text = "terms_changed", 409, "plan {plan} has another version by now"


class SumChanged(K5Error):
    """A step that costs another sum than was shown. Facts: shown, due."""

    code, status, text = "sum_changed", 409, "this costs {due} now, not {shown}: look at it again; nothing was taken"
