"""An e-mail address: what a person types, as mail servers take it."""

import re
from dataclasses import dataclass

from k5web.errors import WrongEmail

LONGEST = 254  # characters; RFC 5321
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}){0,9}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_WHOLE = re.compile(rf"({_LOCAL})@((?:{_LABEL}\.){{1,9}}{_LABEL})", re.ASCII)


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """Where letters go. The host is in lower case, in the letters of the DNS."""

    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def masked(self) -> str:
        """The form for logs: a***@mail.ru."""
        return f"{self.text[0]}***@{self.text.rpartition('@')[2]}"

    @classmethod
    def parse(cls, text: str) -> "EmailAddress":
        """Return the address a person means. Raises: WrongEmail."""
        local, _, host = text.strip().rpartition("@")
        try:
            host = host.encode("idna").decode("ascii").lower()
        except UnicodeError as error:
            raise WrongEmail from error
        whole = f"{local}@{host}"
        found = _WHOLE.fullmatch(whole)
        if found is None or len(found[1]) > 64 or len(whole) > LONGEST:
            raise WrongEmail
        return cls(whole)
