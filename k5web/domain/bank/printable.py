"""Text from outside made fit for a terminal or a log: what could steer it, or hide in it, is shown as an escape."""


def printable(text: str, keep: str = "") -> str:
    r"""Return the text with every sign that has no picture written as `\u001b`, as JSON escapes it.

    Among them are control characters, terminal codes, line ends, and marks that turn the direction of letters.
    `keep` names those that stay.
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in keep else _escaped(sign) for sign in text)


def _escaped(sign: str) -> str:
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
