"""Refusals about messages: codes, e-mail addresses, what SMS may cost."""

from k5web.errors.general import K5Error


class WrongOneTimeCode(K5Error):
    """Wrong, expired, used, of another request, or tried too often: never said which. Facts: none."""

    code, status, text = "wrong_one_time_code", 403, "this code does not fit or is no longer good"


class WrongEmail(K5Error):
    """Text that is no e-mail address. Facts: none; it is personal."""

    code, status, text = "wrong_email", 400, "this is not an e-mail address: write it like name@example.ru"


class SmsCountryClosed(K5Error):
    """No SMS is sent to numbers of this country (K5_SMS_COUNTRIES). Facts: none."""

    code, status, text = "sms_country_closed", 403, "no SMS is sent to numbers of this country"


class SmsSpent(K5Error):
    """The day's money for SMS is used up (K5_SMS_DAY); nothing was sent. Facts: none."""

    code, status, text = "sms_spent", 503, "the day's money for SMS is used up: try again tomorrow"
