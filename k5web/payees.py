"""The payee's file: the operator's bank details, one TOML file, checked before anything is printed."""

import dataclasses
import re
from typing import Final

from k5web import toml
from k5web.domain.bank.payee import Payee
from k5web.errors import WrongRequisite, WrongSetting

SETTING: Final = "K5_PAYEE"


def read(path: str) -> Payee | None:
    """Return the payee of this file; no path, no payee. Raises: WrongSetting naming file, line and key."""
    if not path:
        return None
    text, found = toml.read(SETTING, path)
    try:
        return _payee(found)
    except WrongRequisite as error:
        key, reason = str(error.facts["key"]), str(error.facts["reason"])
        raise WrongSetting(name=SETTING, reason=f"{path}:{_line(text, key)}: {key}: {reason}") from error


def _payee(found: dict[str, object]) -> Payee:
    known = {field.name: field.default is dataclasses.MISSING for field in dataclasses.fields(Payee)}
    values: dict[str, str] = {}
    for key, value in found.items():
        if key not in known:
            raise WrongRequisite(key=key, reason=f"means nothing here; there are: {', '.join(known)}")
        if not isinstance(value, str):
            raise WrongRequisite(key=key, reason="must be text in quotes: a number would lose its leading zero")
        values[key] = value
    for key, is_needed in known.items():
        if is_needed and key not in values:
            raise WrongRequisite(key=key, reason="must be set")
    return Payee(**values)


def _line(text: str, key: str) -> int:
    """Return the line where a key stands; one that is missing is missing from the first on."""
    places = (
        at
        for at, line in enumerate(text.splitlines(), 1)
        if re.match(rf"""\s*(\[\[?\s*)?["']?{re.escape(key)}["']?\s*[=\]]""", line)
    )
    return next(places, 1)
