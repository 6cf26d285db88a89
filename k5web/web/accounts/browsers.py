"""What a browser calls itself, short enough for a list: «Chrome, Android»."""

import re
from typing import Final

# The order matters: every browser names the ones it wants to be taken for
_BROWSERS: Final = (
    (re.compile("YaBrowser"), "Яндекс Браузер"),
    (re.compile("SamsungBrowser"), "Samsung Internet"),
    (re.compile("MiuiBrowser"), "Mi Browser"),
    (re.compile("UCBrowser"), "UC Browser"),
    (re.compile("Opera Mini"), "Opera Mini"),
    (re.compile("OPR|Opera"), "Opera"),
    (re.compile("Edg(?:e|A|iOS)?/"), "Edge"),
    (re.compile("Firefox|FxiOS"), "Firefox"),
    (re.compile("CriOS|Chrome|Chromium"), "Chrome"),
    (re.compile("Safari"), "Safari"),
)
_SYSTEMS: Final = (
    (re.compile("Android"), "Android"),
    (re.compile("iPhone"), "iPhone"),
    (re.compile("iPad"), "iPad"),
    (re.compile("KAIOS"), "KaiOS"),
    (re.compile("J2ME|MIDP"), "Java"),
    (re.compile("Windows"), "Windows"),
    (re.compile("Mac OS X|Macintosh"), "Mac"),
    (re.compile("Linux"), "Linux"),
)


def name_of(user_agent: str) -> str:
    """Return browser and system, or an empty text where neither is known."""
    found = (_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent))
    return ", ".join(name for name in found if name)


def _first(table: tuple[tuple[re.Pattern[str], str], ...], user_agent: str) -> str:
    return next((name for pattern, name in table if pattern.search(user_agent)), "")
