"""What a browser calls itself, told shortly though each names the ones it wants to be taken for."""

import pytest

from k5web.web.accounts.browsers import name_of

ANDROID = "Mozilla/5.0 (Linux; Android 9; Redmi 7A) AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{ANDROID} Chrome/96.0 Mobile Safari/537.36", "Chrome, Android"),
        (f"{ANDROID} SamsungBrowser/19.0 Chrome/102.0 Mobile Safari/537.36", "Samsung Internet, Android"),
        (f"{ANDROID} Chrome/98.0 YaBrowser/22.3 Mobile Safari/537.36", "Яндекс Браузер, Android"),
        (f"{WINDOWS} Edg/96.0", "Edge, Windows"),
        (f"{WINDOWS} OPR/82.0", "Opera, Windows"),
        (f"{IPHONE} Version/16.0 Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        (f"{IPHONE} CriOS/108.0 Mobile/15E148 Safari/604.1", "Chrome, iPhone"),
        ("Opera/9.80 (J2ME/MIDP; Opera Mini/9.80) Presto/2.12", "Opera Mini, Java"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:95.0) Gecko/20100101 Firefox/95.0", "Firefox, Linux"),
        ("curl/7.81.0", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_by_itself_and_its_system(user_agent: str, name: str) -> None:
    assert name_of(user_agent) == name
