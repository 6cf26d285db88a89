"""Secrets stand elsewhere: "env:NAME" and "file:PATH" in an operator's file lead to them."""

from collections.abc import Mapping
from pathlib import Path

from k5web.errors import WrongKey


class Secrets:
    """Finds what the values of a file lead to."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.used: set[str] = set()  # the names in the environment that were asked for

    def resolve(self, key: str, value: object) -> object:
        """Return the value with its secrets, however deep they stand. Raises: WrongKey."""
        if isinstance(value, list):
            return [self.resolve(key, item) for item in value]
        if isinstance(value, dict):
            return {name: self.resolve(f"{key}.{name}", item) for name, item in value.items()}
        return self.found(key, value) if isinstance(value, str) else value

    def found(self, key: str, text: str) -> str:
        """Return the secret that a text leads to, or the text itself. Raises: WrongKey."""
        source, colon, place = text.partition(":")
        if not colon:
            return text
        if source == "env":
            self.used.add(place)
            if not self._environ.get(place):
                raise WrongKey(key=key, reason=f"{place} is not set in the environment")
            return self._environ[place]
        return _from_file(key, place) if source == "file" else text


def _from_file(key: str, path: str) -> str:
    try:
        secret = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongKey(key=key, reason=f"{path} cannot be read: {error}") from error
    if not secret:
        raise WrongKey(key=key, reason=f"{path} is empty")
    return secret
