"""A contact card with a call link: vCard 3.0 (RFC 2426), which old phones read best, UTF-8, lines that end in CRLF."""

from typing import Final

from k5web.domain.prices.number import Msisdn

LONGEST_LINE: Final = 75  # octets, without the end of the line
_ESCAPED: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


def card(name: str, number: Msisdn, link: str) -> str:
    """Return the card of one contact. `link`: the address of its call page."""
    spelled = name.translate(_ESCAPED)
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:;{spelled};;;", f"FN:{spelled}", f"TEL:{number}"]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, f"URL:{link}", "END:VCARD"])


def _folded(line: str) -> str:
    """Return a line as several where it is long: each next one begins with a space, no letter is cut in two."""
    parts, size = [""], 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > LONGEST_LINE:
            parts.append(" ")
            size = 1
        parts[-1] += sign
        size += octets
    return "\r\n".join(parts)
