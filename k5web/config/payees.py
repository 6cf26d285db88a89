"""The payee's file: the operator's bank details, one TOML file, checked before anything is printed."""

import dataclasses
from typing import Final

from k5web.config import toml
from k5web.config.table import Table
from k5web.domain.bank.payee import Payee

SETTING: Final = "K5_PAYEE"


def read(path: str) -> Payee | None:
    """Return the payee of this file; no path, no payee. Raises: WrongSetting naming file, line and key."""
    if not path:
        return None
    file = toml.read(SETTING, path)
    fields = dataclasses.fields(Payee)
    with file.place.named():
        table = Table(file.values, {field.name for field in fields}, "a payee")
        return Payee(**{field.name: table.text(field.name, _default(field)) for field in fields})


def _default(field: dataclasses.Field[str]) -> str | None:
    return None if field.default is dataclasses.MISSING else field.default
