"""The numbers that the state gives to an organisation or an entrepreneur: INN, KPP, OGRN. Each refusal says why."""

import re
from datetime import date

from k5web.errors import WrongRequisite

_KYRGYZ_INN = re.compile(r"[0-9]{14}", re.ASCII)
_OLDEST = date(1900, 1, 1)  # of a date in a Kyrgyz number
_KPP = re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}")
_INN_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_11 = (7, *_INN_10)
_INN_12 = (3, *_INN_11)


def check_inn(inn: str) -> None:
    """Check a tax number of an organisation (10 digits) or an entrepreneur (12). Raises: WrongRequisite."""
    if not (inn.isascii() and inn.isdigit() and len(inn) in {10, 12}):
        raise WrongRequisite(key="inn", reason=f"'{inn}' is no INN: 10 digits, or 12 of an entrepreneur")
    if inn.startswith("00"):
        raise WrongRequisite(key="inn", reason=f"'{inn}' begins with 00, which is no region")
    digits = [int(digit) for digit in inn]
    weights = (_INN_10,) if len(inn) == 10 else (_INN_11, _INN_12)
    for row in weights:
        wanted = sum(digit * weight for digit, weight in zip(digits, row, strict=False)) % 11 % 10
        if digits[len(row)] != wanted:
            reason = f"'{inn}' is mistyped: its digit {len(row) + 1} would be {wanted}"
            raise WrongRequisite(key="inn", reason=reason)


def is_kyrgyz_inn(text: str) -> bool:
    """Return whether a text is a tax number of Kyrgyzstan: 14 digits. No rule of a control digit is published."""
    return _KYRGYZ_INN.fullmatch(text) is not None


def is_kyrgyz_inn_doubtful(inn: str, today: date) -> bool:
    """Return whether a number of Kyrgyzstan holds no date that can be: day, month and year after its first digit.

    Nobody has said that all numbers do, so it is warned of and not refused.
    """
    if not is_kyrgyz_inn(inn):
        return False
    try:
        held = date(int(inn[5:9]), int(inn[3:5]), int(inn[1:3]))
    except ValueError:
        return True
    return not _OLDEST <= held <= today


def check_kpp(kpp: str, inn: str) -> None:
    """Check the registration reason of an organisation; an entrepreneur has none. Raises: WrongRequisite."""
    if len(inn) == 12 and kpp:
        raise WrongRequisite(key="kpp", reason="an entrepreneur (an INN of 12 digits) has no KPP: leave it out")
    if kpp and not _KPP.fullmatch(kpp):
        raise WrongRequisite(key="kpp", reason=f"'{kpp}' is no KPP: nine signs like 772401001")


def check_ogrn(ogrn: str) -> None:
    """Check a state registration number: 13 digits, or 15 of an entrepreneur, which begin with 3.

    Raises: WrongRequisite.
    """
    if not (ogrn.isascii() and ogrn.isdigit() and len(ogrn) in {13, 15}):
        raise WrongRequisite(key="ogrn", reason=f"'{ogrn}' is no OGRN: 13 digits, or 15 of an entrepreneur")
    if ogrn.startswith("0") or (len(ogrn) == 15 and not ogrn.startswith("3")):
        raise WrongRequisite(key="ogrn", reason=f"'{ogrn}' cannot begin with {ogrn[0]}")
    wanted = int(ogrn[:-1]) % (len(ogrn) - 2) % 10
    if int(ogrn[-1]) != wanted:
        raise WrongRequisite(key="ogrn", reason=f"'{ogrn}' is mistyped: its last digit would be {wanted}")
