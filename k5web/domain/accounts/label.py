"""The name a subscriber gives to a thing of theirs: a program's token, a site's button."""

from k5web.domain.readable import is_readable
from k5web.errors import WrongName

LONGEST = 60  # characters


def label(text: str) -> str:
    """Return the name with its spaces put in order. Raises: WrongName for none, a long one, signs nobody can read."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST or not is_readable(name):
        raise WrongName
    return name
