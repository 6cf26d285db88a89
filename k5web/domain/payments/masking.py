"""What is kept of a provider's request: who paid what stays readable, numbers of people and secrets do not."""

import re
from collections.abc import Collection

from k5web.domain.payments.notice import WireRequest

HIDDEN = "***"

# Seven digits or more, however they are grouped: phones, tax numbers, cards; sums keep their dot and stay
_NUMBER = re.compile(r"[0-9](?:(?:[ +()\-]|%2[089BbDd])?[0-9]){6,}+", re.ASCII)
_SECRET_WORDS = ("passw", "secret", "sign", "token", "hash", "md5", "checksum", "cvc", "cvv", "auth")

# Names with what parts them from their values, and the values. Whether a name is a secret's is asked of what was found,
# not of the pattern: a request made of nothing but such words costs no more than another one
_NAME = r"[\w.:\[\]\-]"
_PAIRS = (
    (re.compile(rf"(?<!{_NAME})({_NAME}++)="), re.compile(r'"[^"]*+"?|[^&\s]*+')),  # a=b&c=d, an XML attribute
    (
        re.compile(r'("[^"\\]*+")\s*+:\s*+'),  # JSON
        re.compile(r'"(?:[^"\\]|\\.)*+"?|\[[^\]]*+\]?|\{[^}]*+\}?|[^,}\s]*+', re.DOTALL),
    ),
    (re.compile(r"<([^<>]*+)>"), re.compile(r"[^<]*+")),  # an XML element, named so or by an attribute of it
)


def masked_request(request: WireRequest, secrets: Collection[str], limit: int) -> str:
    """Return method, path, query and body in one text of at most `limit` bytes, masked; headers are left out."""
    parts = [f"{request.method} {request.path}{'?' if request.query else ''}{request.query}"]
    if request.body:
        parts.append(request.body[: 2 * limit].decode("utf-8", "replace"))
    return masked("\n".join(parts)[: 2 * limit], secrets).encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")


def masked(text: str, secrets: Collection[str] = ()) -> str:
    """Return the text without secrets, the middle of long numbers hidden, fit for a database and a terminal."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    for names, values in _PAIRS:
        text = _hide_secrets(text, names, values)
    text = _NUMBER.sub(_hide_middle, text)
    return "".join(letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _hide_secrets(text: str, names: re.Pattern[str], values: re.Pattern[str]) -> str:
    parts, done = [], 0
    for found in names.finditer(text):
        name = found[1].lower()
        if found.start() >= done and any(word in name for word in _SECRET_WORDS):
            value = values.match(text, found.end())
            parts += [text[done : found.end()], HIDDEN if value and value[0] else ""]
            done = value.end() if value else found.end()
    return "".join([*parts, text[done:]])


def _hide_middle(found: re.Match[str]) -> str:
    return f"{found[0][:4]}{HIDDEN}{found[0][-2:]}"
