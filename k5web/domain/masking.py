"""What is kept of a provider's request: who paid what stays readable, numbers of people and secrets do not."""

import re
from collections.abc import Collection

from k5web.domain.topup import WireRequest

HIDDEN = "***"

# Seven digits or more, however they are grouped: phones, tax numbers, cards; sums keep their dot and stay
_NUMBER = re.compile(r"[0-9](?:(?:[ +()\-]|%2[089BbDd])?[0-9]){6,}", re.ASCII)
_NAMES = r"[\w.\-]*(?:passw|secret|sign|token|hash|md5|checksum|cvc|cvv|auth)[\w.\-]*"
_SECRETS = (
    re.compile(rf"(?i)(\b{_NAMES}=)[^&\s]+"),  # a=b&c=d
    re.compile(rf'(?i)("{_NAMES}"\s*:\s*)("(?:[^"\\]|\\.)*"|[^,\}}\s]+)'),  # JSON
    re.compile(rf"(?i)(<{_NAMES}(?:\s[^>]*)?>)[^<]+"),  # XML element
    re.compile(rf'(?i)(name="{_NAMES}"[^>]*>)[^<]+'),  # XML: <extra name="password">
)


def masked_request(request: WireRequest, secrets: Collection[str], limit: int) -> str:
    """Return method, path, query and body in one text of at most `limit` bytes, masked; headers are left out."""
    parts = [f"{request.method} {request.path}{'?' if request.query else ''}{request.query}"]
    if request.body:
        parts.append(request.body[: 2 * limit].decode("utf-8", "replace"))
    return masked("\n".join(parts)[: 2 * limit], secrets).encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")


def masked(text: str, secrets: Collection[str] = ()) -> str:
    """Return the text without secrets, the middle of long numbers hidden, fit for a base and a terminal."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    for pattern in _SECRETS:
        text = pattern.sub(rf"\g<1>{HIDDEN}", text)
    text = _NUMBER.sub(_hide_middle, text)
    return "".join(letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _hide_middle(found: re.Match[str]) -> str:
    return f"{found[0][:4]}{HIDDEN}{found[0][-2:]}"
