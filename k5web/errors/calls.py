"""Refusals about calls, switches, missed calls and buttons on sites."""

from k5web.errors.general import K5Error
from k5web.errors.prices import WrongNumber


class EmergencyNumber(WrongNumber):
    """A call for help is no callback: it would come from nowhere, and late. Facts: text."""

    code, status = "emergency_number", 400
    text = "'{text}' is an emergency number: dial it from the phone itself"


class SubscriberBlocked(K5Error):
    """Staff blocked this subscriber: nothing new begins. Facts: none, the reason is staff's."""

    code, status, text = "blocked", 403, "this subscriber is blocked"


class ServicesSuspended(K5Error):
    """The contract was broken: no service begins until that is put right. Facts: none, the notice has the reason."""

    code, status, text = "suspended", 403, "this subscriber's services are suspended for a breach of the contract"


class ContractEnded(ServicesSuspended):
    """The contract has ended: no service begins. Facts: none."""

    code, text = "contract_ended", "this subscriber's contract has ended"


class PasswordToChange(K5Error):
    """The password was weak or forgotten: another one is chosen before anything else. Facts: none."""

    code, status, text = "password_to_change", 403, "a new password must be chosen first"


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


class NumberStopped(K5Error):
    """Staff put this number, or a prefix of it, on the stop-list: nobody calls it. Facts: number."""

    code, status, text = "number_stopped", 403, "+{number} is on the stop-list: nobody calls there"


class CallsStopped(K5Error):
    """Staff stopped the calls of this phone or account; payments go on. Facts: none, the reason is staff's."""

    code, status, text = "calls_stopped", 403, "calls from this phone or account are stopped"


class WrongStop(K5Error):
    """Text that cannot stand in the stop-list. Facts: text."""

    code, status = "wrong_stop", 400
    text = "'{text}' is neither a number, nor a prefix of 2 to 15 digits, nor a subscriber's id"


class StopOver(K5Error):
    """An entry of the stop-list that would be over when it begins. Facts: until (datetime)."""

    code, status, text = "stop_over", 400, "{until} is over: name a later moment, or none"


class AlarmDecided(K5Error):
    """An alarm that somebody answered already. Facts: alarm."""

    code, status, text = "alarm_decided", 409, "alarm {alarm} was answered already"


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


class OwnLimitReached(K5Error):
    """A limit that the subscriber set leaves no minute. Facts: key (which one); most, left, needed (Money)."""

    code, status = "own_limit", 429
    text = "{left} is left of the subscriber's own limit '{key}' of {most}, a minute needs {needed}"


class LimitRaised(K5Error):
    """A subscriber's own limit of a day above what the operator lets them spend. Facts: most (Money)."""

    code, status, text = "limit_raised", 403, "the limit is {most}: only the operator raises it"


class OwnNumber(K5Error):
    """The caller's own number on both legs. Facts: number."""

    code, status, text = "own_number", 400, "+{number} is your own phone"


class PriceRose(K5Error):
    """The call is dearer than what was agreed to. Facts: was, now (Price of a minute or, where one number was agreed
    to, of the first one); fee (Price), where a connection costs more than it did; counts (bool), where time is counted
    in another way; rings (bool), where leg A is paid for now while B rings."""

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


class SwitchFilesClosed(SwitchUnreachable):
    """The files of a switch on this machine cannot be read or written now. Facts: reason."""

    text = "the switch's files cannot be had: {reason}"


class UnknownSwitch(SwitchUnreachable):
    """The settings know no switch of this name (any more). Facts: name."""

    text = "the settings know no switch '{name}'"


class RecordsElsewhere(SwitchUnreachable):
    """This switch's records are read on another machine. Facts: name."""

    text = "the records of switch '{name}' are read on another machine"


class CalledTooLate(K5Error):
    """A missed call that was read too late: nobody waits at the phone any more. Facts: none."""

    code, status, text = "called_too_late", 409, "this missed call is too old to be called back"


class NotAssigned(K5Error):
    """An access number that rings nobody for this subscriber. Facts: none."""

    code, status, text = "not_assigned", 404, "this access number rings nobody yet"


class WrongHook(K5Error):
    """An address that is told nothing. Facts: reason: form, https, name, own (the house's), events (none is wished);
    or, found when it was to be told something: unknown (no such name), closed (no address of the Internet)."""

    code, status, text = "wrong_hook", 400, "this address is told nothing: {reason}"


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
