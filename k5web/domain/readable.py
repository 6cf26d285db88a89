"""Whether people can read every sign of a text: no control, no direction, no width of nothing; emoji of any make."""

import re
from typing import Final

# Signs without a picture of their own that make one of several emoji: a joiner, the letters of a flag of a region
_JOINER: Final = "\N{ZERO WIDTH JOINER}"
_REGION: Final = re.compile("\N{WAVING BLACK FLAG}[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\N{CANCEL TAG}")
_EMOJI: Final = "[\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
_JOINED: Final = re.compile(f"({_EMOJI}\ufe0f?[\U0001f3fb-\U0001f3ff]?){_JOINER}(?={_EMOJI})")


def is_readable(text: str) -> bool:
    """Return whether a text has only signs that are seen. A joiner counts between two emoji, where it makes one of
    them; alone it would let two names look the same."""
    return _JOINED.sub(r"\1", _REGION.sub("", text)).isprintable()
