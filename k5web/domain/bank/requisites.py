"""The numbers of a Russian bank transfer: what makes a BIC or an account true. Each refusal says why."""

import re
from itertools import cycle

from k5web.domain.accounts.ending import Requisites
from k5web.errors import WrongRefund, WrongRequisite

ROUBLES = "810"
OWNERS = {"40702": "a company", "40703": "a non-profit", "40802": "an entrepreneur"}
CORRESPONDENT = "30101"
LONGEST = 120  # of a recipient, an account, a bank

_BIC = re.compile(r"04[0-9]{7}")  # a commercial bank; treasury bodies begin otherwise
_ACCOUNT = re.compile(r"[0-9]{20}")
_IN_ROUBLES = re.compile(r"[0-9]{5}810[0-9]{12}")


def check_bic(bic: str) -> None:
    """Raises: WrongRequisite."""
    if not _BIC.fullmatch(bic):
        raise WrongRequisite(key="bic", reason=f"'{bic}' is no bank's BIC: nine digits that begin with 04")


def check_account(account: str, bic: str) -> None:
    """Check a settlement account in roubles, opened at the bank of a sound BIC. Raises: WrongRequisite."""
    key = "account"
    _check_twenty_digits(key, account)
    if account[:5] not in OWNERS:
        known = ", ".join(f"{start} ({owner})" for start, owner in OWNERS.items())
        raise WrongRequisite(key=key, reason=f"'{account}' begins with {account[:5]}; known are {known}")
    _check_roubles(key, account)
    _check_key(key, account, bic[6:9], bic)


def check_correspondent(account: str, bic: str) -> None:
    """Check the bank's own account at the Bank of Russia. Raises: WrongRequisite."""
    key = "correspondent"
    _check_twenty_digits(key, account)
    if not account.startswith(CORRESPONDENT):
        raise WrongRequisite(key=key, reason=f"'{account}' does not begin with {CORRESPONDENT}")
    _check_roubles(key, account)
    if account[-3:] != bic[-3:]:
        reason = f"'{account}' must end in {bic[-3:]}, as the BIC {bic} does"
        raise WrongRequisite(key=key, reason=reason)
    _check_key(key, account, f"0{bic[4:6]}", bic)


def checked_receiver(to: Requisites, currency: str) -> Requisites:
    """Return where money is to be paid as it is kept; in roubles by the rules of Russian banks. Raises: WrongRefund."""
    found = Requisites(to.recipient.strip(), to.account.replace(" ", ""), to.bank.strip())
    for key in ("recipient", "account", "bank"):
        text = getattr(found, key)
        if not (1 <= len(text) <= LONGEST and text.isprintable()):
            raise WrongRefund(key=key, reason=f"1 to {LONGEST} characters in one line")
    if currency == "RUB":
        _check_in_roubles(found)
    return found


def is_key_true(account: str, prefix: str) -> bool:
    """Return whether the key, an account's ninth digit, agrees with the others and the bank's three digits.

    Source: Bank of Russia, order No. 515 of 08.09.1997: digits times 7, 1, 3 in turn, their last digits add up to tens.
    """
    return _weighed(prefix + account) == 0


def _check_in_roubles(to: Requisites) -> None:
    """Check an account of anybody, a person's too, against its bank. Raises: WrongRefund."""
    try:
        check_bic(to.bank)
    except WrongRequisite as error:
        raise WrongRefund(key="bank", reason=error.facts["reason"]) from error
    if not _IN_ROUBLES.fullmatch(to.account) or not is_key_true(to.account, to.bank[-3:]):
        raise WrongRefund(key="account", reason=f"'{to.account}' is no account in roubles of the bank {to.bank}")


def _check_twenty_digits(key: str, account: str) -> None:
    if not _ACCOUNT.fullmatch(account):
        raise WrongRequisite(key=key, reason=f"'{account}' is no account: 20 digits without spaces")


def _check_roubles(key: str, account: str) -> None:
    if account[5:8] != ROUBLES:
        reason = f"'{account}' is not in roubles: its digits 6 to 8 are {account[5:8]}, not {ROUBLES}"
        raise WrongRequisite(key=key, reason=reason)


def _check_key(key: str, account: str, prefix: str, bic: str) -> None:
    if is_key_true(account, prefix):
        return
    wanted = 3 * _weighed(prefix + account[:8] + "0" + account[9:]) % 10
    reason = (
        f"'{account}' does not belong to BIC {bic}: its key, digit 9, would be {wanted}; one of the two is mistyped"
    )
    raise WrongRequisite(key=key, reason=reason)


def _weighed(digits: str) -> int:
    return sum(int(digit) * weight % 10 for digit, weight in zip(digits, cycle((7, 1, 3)), strict=False)) % 10
