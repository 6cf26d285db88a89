"""K5Error and its children: every refusal has a stable code, an HTTP status and its facts.

Long because every refusal there is stands in this one list.
"""

from typing import ClassVar


class K5Error(Exception):
    """A refusal K5 can explain. `code` is stable; `facts` fill the words, here and in the web's catalogue.

    The text here is English, for the command line and the log; `web/errors.py` holds the subscriber's words.
    """

    code: ClassVar[str] = "fault"
    status: ClassVar[int] = 400
    text: ClassVar[str] = "Something is wrong on our side."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.text.format(**facts))


class WrongSetting(K5Error):
    """Facts: name, reason."""

    code, status, text = "wrong_setting", 500, "{name}: {reason}"


class WrongMoney(K5Error):
    """Text that is no sum of money. Facts: text."""

    code, status, text = "wrong_money", 400, "'{text}' is not a sum of money: write it like 500.00"


class WrongPrice(K5Error):
    """Facts: text."""

    code, status, text = "wrong_price", 400, "'{text}' is not a price: at most six decimals, like 1.75"


class CurrencyMismatch(K5Error):
    """Facts: left, right."""

    code, status, text = "currency_mismatch", 409, "{left} and {right} do not add up: exchange first"


class WrongNumber(K5Error):
    """Text that is no telephone number. Facts: text."""

    code, status, text = "wrong_number", 400, "'{text}' is not a telephone number: write it like +74951234567"


class EmergencyNumber(WrongNumber):
    """A call for help is no callback: it would come from nowhere, and late. Facts: text."""

    code, status = "emergency_number", 400
    text = "'{text}' is an emergency number: dial it from the phone itself"


class NotInternational(WrongNumber):
    """A number as it is dialled at home, where a file or a program must name the country. Facts: text, meant."""

    text = "'{text}' is written as it is dialled at home: if {meant} is meant, write it so"


class NoRate(K5Error):
    """No prefix of the deck fits. Facts: number, deck."""

    code, status, text = "no_rate", 404, "deck {deck} has no price for +{number}"


class DirectionBlocked(NoRate):
    """The deck closes this range. Facts: number, deck, destination."""

    code, text = "direction_blocked", "deck {deck} closes {destination}: +{number} cannot be called"


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
    text = "no price list '{deck}' is in force: import one with k5 deck import"


class WrongDeck(K5Error):
    """A deck that cannot be taken; nothing was imported. Facts: file, rows (how many), rejected (which)."""

    code, status, text = "wrong_deck", 400, "{file}: {rows} rows are wrong; nothing was imported"


class DeckStopped(K5Error):
    """A price list that a person must look at before it follows the one in force. Facts: file, reasons, difference."""

    code, status, text = "deck_stopped", 409, "{file} was not imported: {reasons}"


class WrongFile(K5Error):
    """Facts: file, reason."""

    code, status, text = "wrong_file", 400, "{file}: {reason}"


class NotFound(K5Error):
    """Facts: what."""

    code, status, text = "not_found", 404, "there is no {what}"


class SeveralFit(K5Error):
    """Text that is one subscriber's phone and another's id. Facts: ids."""

    code, status, text = "several_fit", 409, "this means more than one subscriber: name one by {ids}"


class AlreadyThere(K5Error):
    """Facts: what."""

    code, status, text = "already_there", 409, "{what} is there already"


class InsufficientFunds(K5Error):
    """Nothing was taken. Facts: available, needed (Money)."""

    code, status, text = "insufficient_funds", 402, "{available} is left, {needed} is needed"


class Conflict(K5Error):
    """The name is known with another meaning; nothing was moved. Facts: origin, key."""

    code, status, text = (
        "conflict",
        409,
        "{origin}/{key} is known already with other facts: nothing was moved",
    )


class AccountClosed(K5Error):
    """Facts: account_id."""

    code, status, text = "account_closed", 409, "account {account_id} is closed"


class RefundTooLarge(K5Error):
    """Facts: origin, key, left (Money)."""

    code, status, text = "refund_too_large", 409, "of {origin}/{key} only {left} can still be refunded"


class Unavailable(K5Error):
    """Our own trouble (database, lock): nothing is refused, the same request may be repeated."""

    code, status, text = "later", 503, "the database does not answer now: try the same again in a minute"


class Busy(Unavailable):
    """Too many do the same slow thing now: nothing was done or counted. Facts: wait_s."""

    code, status, text = "busy", 503, "too much at once: try the same again in {wait_s} s"


class NoDatabase(K5Error):
    """Facts: place (a file)."""

    code, status, text = "no_base", 503, "there is no database at {place}: run k5 db upgrade"


class OutdatedDatabase(K5Error):
    """The database answers, but its tables are not there or not of this version."""

    code, status, text = "old_base", 503, "the database is not at the newest version: run k5 db upgrade"


class SubscriberBlocked(K5Error):
    """Staff blocked this subscriber: nothing new begins. Facts: none, the reason is staff's."""

    code, status, text = "blocked", 403, "this subscriber is blocked"


class WrongReason(K5Error):
    """Facts: most."""

    code, status, text = "wrong_reason", 400, "give a reason of 1 to {most} characters, in one line"


class TooManyCalls(K5Error):
    """Facts: live_call_id, live_number."""

    code, status, text = "too_many_calls", 409, "call {live_call_id} is still under way"


class OwnTrunkNumber(K5Error):
    """A number of the operator's own lines: the call would come back to the switch. Facts: number."""

    code, status, text = "own_trunk_number", 403, "+{number} is a line of ours: a call there would run in a circle"


class DirectionClosed(K5Error):
    """A direction that fraud lives on, and that was not opened for this account. Facts: number, direction."""

    code, status = "direction_closed", 403
    text = "+{number} is {direction}: closed until it is opened for the account"


class PhoneNotVerified(K5Error):
    """Nobody proved that the caller's phone is theirs: it is not rung. Facts: none."""

    code, status, text = "phone_not_verified", 403, "the caller's own phone is not verified"


class TooManyUnanswered(K5Error):
    """Facts: number, times, until (datetime)."""

    code, status = "too_many_unanswered", 429
    text = "+{number} did not answer {times} times within an hour: again after {until}"


class DailyLimit(K5Error):
    """The day's limit, or that for costly calls, covers no minute. Facts: most, left, needed (Money), is_costly."""

    code, status = "daily_limit", 429
    text = "{left} is left of today's limit of {most}, a minute needs {needed}"


class FirstDayLimit(K5Error):
    """The same for the first day of an account. Facts: most, left, needed (Money), until (datetime)."""

    code, status = "first_day_limit", 429
    text = "{left} is left of the first day's limit of {most}, a minute needs {needed}"


class LimitRaised(K5Error):
    """A subscriber may lower their limit; raising it is the operator's. Facts: most (Money, in force)."""

    code, status, text = "limit_raised", 403, "the limit is {most}: only the operator raises it"


class OwnNumber(K5Error):
    """The caller's own number on both legs. Facts: number."""

    code, status, text = "own_number", 400, "+{number} is your own phone"


class PriceRose(K5Error):
    """The call is dearer than what was agreed to. Facts: was, now (Price of a minute or, where one number was agreed
    to, of the first one); fee (Price), where a connection costs more than it did; counts (bool), where time is counted
    in another way."""

    code, status, text = "price_rose", 409, "the price was {was} and is {now} now"


class SwitchRefused(K5Error):
    """The switch said no: nothing rings. Facts: reason."""

    code, status, text = "switch_refused", 503, "the switch refused the call: {reason}"


class SwitchUnreachable(K5Error):
    """The switch cannot be asked now. Facts: reason."""

    code, status, text = "switch_unknown", 503, "the switch cannot be asked: {reason}"


class SwitchSilent(SwitchUnreachable):
    """No answer from the switch: it may ring. Never repeat the order. Facts: reason."""

    text = "the switch did not answer: {reason}"


class UnknownSwitch(SwitchUnreachable):
    """The settings know no switch of this name (any more). Facts: name."""

    text = "the settings know no switch '{name}'"


class RecordsElsewhere(SwitchUnreachable):
    """This switch's records are read on another machine. Facts: name."""

    text = "the records of switch '{name}' are read on another machine"


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


class UnreadableText(K5Error):
    """A field, or what a proxy says, holds what no text and no address holds. Facts: none."""

    code, status, text = "unreadable_text", 400, "the request holds signs that stand in no text"


class UnknownProxy(K5Error):
    """A proxy is in front that K5_TRUSTED_PROXIES does not count: whoever asks seems to be it. Facts: none."""

    code, status, text = "unknown_proxy", 403, "a proxy is in front that K5_TRUSTED_PROXIES does not count"


class WrongKey(K5Error):
    """A key of an operator's file that cannot be used: it stops the start. Facts: key, reason."""

    code, status, text = "wrong_key", 500, "{key}: {reason}"


class WrongRequisite(K5Error):
    """A bank detail that cannot be true, or does not fit into a payment. Facts: key, reason."""

    code, status, text = "wrong_requisite", 500, "{key}: {reason}"


class NotPrintable(K5Error):
    """A character that our fonts cannot draw, or one that is not printable. Facts: sign."""

    code, status, text = "not_printable", 409, "the sign {sign} cannot be printed"


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


class WrongInn(K5Error):
    """A tax number that is none. Facts: none; it is personal."""

    code, status, text = (
        "wrong_inn",
        400,
        "a tax number has 10, 12 or (Kyrgyz) 14 digits; its check digits must be right",
    )


class RefundInFlight(K5Error):
    """The provider has not answered the last refund yet: look first. Facts: reference."""

    code, status, text = "refund_in_flight", 409, "a refund of {reference} is under way: its outcome comes first"


class WrongRegister(K5Error):
    """A provider's register that cannot be believed; nothing is marked. Facts: line, reason."""

    code, status, text = "wrong_register", 400, "line {line}: {reason}"


class WrongStatement(K5Error):
    """A bank's statement that cannot be believed; nothing of it is credited. Facts: line, reason."""

    code, status, text = "wrong_statement", 400, "line {line}: {reason}"


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


class WrongName(K5Error):
    """No name, a very long one, or signs nobody can read. Facts: none."""

    code, status, text = "wrong_name", 400, "give it a name of 1 to 60 characters"


class TooMany(K5Error):
    """Facts: limit."""

    code, status, text = "too_many", 409, "there are {limit} already: remove one first"


class WrongToken(K5Error):
    """No token, an unknown one, an ended one, a wrong secret: never said which. Facts: none."""

    code, status, text = "wrong_token", 401, "this token is unknown, expired or revoked"


class TokenMayNotCall(K5Error):
    """A token that only looks. Facts: none."""

    code, status, text = "token_may_not_call", 403, "this token may look, but not call"


class TooOften(K5Error):
    """Facts: wait_s."""

    code, status, text = "too_often", 429, "too often: wait {wait_s} s"


class WrongRequest(K5Error):
    """A program's request that cannot be read. Facts: where (a field, a header)."""

    code, status, text = "wrong_request", 400, "the request cannot be read: {where}"


class KeyReused(K5Error):
    """An Idempotency-Key that ordered another call already; nothing was ordered. Facts: none."""

    code, status, text = "key_reused", 422, "this Idempotency-Key belongs to a call to another number"


class CalledTooLate(K5Error):
    """A missed call that was read too late: nobody waits at the phone any more. Facts: none."""

    code, status, text = "called_too_late", 409, "this missed call is too old to be called back"


class NotAssigned(K5Error):
    """An access number that rings nobody for this subscriber. Facts: none."""

    code, status, text = "not_assigned", 404, "this access number rings nobody yet"


class WrongSite(K5Error):
    """Facts: site."""

    code, status, text = "wrong_site", 400, "'{site}' is no address of a site: write it like https://shop.example"


class WrongCount(K5Error):
    """Facts: most."""

    code, status, text = "wrong_count", 400, "write a whole number from 1 to {most}"


class NotForVisitors(K5Error):
    """A visitor's number that the button's owner does not pay for. Facts: none."""

    code, status, text = "not_for_visitors", 403, "this button calls no such number"


class WidgetSpent(K5Error):
    """The day's calls of a button are used up. Facts: none."""

    code, status, text = "widget_spent", 429, "the button has made all its calls of today"
