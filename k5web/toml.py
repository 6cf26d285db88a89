"""The operator's own TOML files, read in one way: of a bounded size, and what is wrong named with the file."""

import tomllib
from pathlib import Path
from typing import Any

from k5web.errors import WrongSetting

LARGEST = 1024 * 1024  # bytes: some thousand tables


def read(setting: str, path: str) -> tuple[str, dict[str, Any]]:
    """Return a file's text and what it says. Raises: WrongSetting."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise WrongSetting(name=setting, reason=f"{path}: the file is larger than {LARGEST // 1024 // 1024} MB")
        text = content.decode("utf-8").replace("\r\n", "\n")
        return text, tomllib.loads(text)
    except RecursionError as error:
        raise WrongSetting(name=setting, reason=f"{path}: its lists stand too deep in each other") from error
    except (OSError, ValueError) as error:  # no UTF-8, no TOML, a number of thousands of digits
        raise WrongSetting(name=setting, reason=f"{path}: {error}") from error
