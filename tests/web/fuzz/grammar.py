"""What attackers put where a number, a sum, a date or a name is asked for, as text that stands in a query or a form.

The kinds are those of S6, S8, S9, S14, S16, S22 and S28 in docs/promises.md; source: OWASP ASVS 5.0, V1 and V2.
Each value is percent-encoded already, so that broken encodings have a place among the others. What betrays a fault
carries one of the marks below, in a form in which no honest answer shows it.
"""

from typing import Any, Final
from urllib.parse import quote

from hypothesis import strategies as st

MARK: Final = "fzq"  # where it becomes a tag, an attribute or a header, a value was not escaped
PRODUCT: Final = ("98765*4321", "426763565")  # where the second is answered, a value was run as a template
PHONE: Final = "9995550123"  # of nobody; where it stands in a log, a number was not masked

_MARKUP: Final = (
    f'"><{MARK} on{MARK}=1>', f"'><{MARK}>", f"</textarea></title><{MARK}>", f"</script><{MARK}>", f"]]><{MARK}/>",
    f"<!--<{MARK}", f"javascript:{MARK}()", f'" on{MARK}="1', f"' on{MARK}='1", f"&lt;{MARK}&gt;&#60;{MARK}&#62;",
)  # fmt: skip
_TEMPLATES: Final = (
    f"{{{{{PRODUCT[0]}}}}}", f"${{{PRODUCT[0]}}}", f"#{{{PRODUCT[0]}}}", f"<%={PRODUCT[0]}%>", "{0.__class__}",
    "%n%s%d", f"%({MARK})s", f"{{{MARK}}}", "{{config.SECRET_KEY}}", "{% raise %}", "%", "%%", "{", "}",
)  # fmt: skip
_SQL: Final = (
    "' or '1'='1", "'; drop table posting;--", "1) union select 1,2,3--", "\\'", "%' and 1=2--", "1;vacuum", "1 or 1=1",
    '" or ""="', "admin'/*", "1' and sleep(9)--", "_%", "'||(select 1)||'",
)  # fmt: skip
_LINES: Final = (
    f"a\r\nSet-Cookie: {MARK}=1", f"a\r\n\r\n<{MARK}>", "a\nb", "\r", "\x0b", "\x85", "\u2028", "\x1b[2J\x1b]0;x\x07",
    "a\t\tb", "2026-12-01T00:00:00.000Z INFO k5web.services.calls.settling call settled",
)  # fmt: skip
_SIGNS: Final = (
    "a\0b", "\0", "\u202e1234", "\u2066a\u2069\u200f", "\ufeff", "\ufdd0\uffff", "e\u0301" * 50, "İıſK", "١٢٣", "１２",
    "²", "½", "\U0001f4de", "a" * 300, "ы" * 5000, " ", "\u00a0", "",
)  # fmt: skip
_NUMBERS: Final = (
    "0", "-1", "-0", "+1", "1", "2", "00", "01", " 1", "1.", ".5", "1e3", "1E400", "NaN", "-inf", "0x10", "1_000",
    "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "9" * 40, "9" * 5000,
    "1" + "0" * 400,
)  # fmt: skip
_SUMS: Final = (
    "0.00", "0,01", "-100.00", "100.001", "1 000,00", "1,000.00", "99999999999.99", "1.00.00", "100.00RUB", "1e2",
    "00100.00", "٫5", "100", "100.00", "15000.01", "92233720368547758.08",
)  # fmt: skip
_DATES: Final = (
    "2026-12-01", "2026-02-30", "2026-13-01", "0001-01-01", "0000-00-00", "9999-12-31", "10000-01-01", "2026-12",
    "2026-12-01T00:00:00+14:00", "2026-12-01T25:61", "01.12.2026", "-2026-12-01", "2026-W01-1", "23:59:60", "24:00",
)  # fmt: skip
_PHONES: Final = (
    f"+7{PHONE}", f"8 ({PHONE[:3]}) {PHONE[3:6]}-{PHONE[6:8]}-{PHONE[8:]}", "+74951234567", "112", "+" + "7" * 40,
    "tel:+7", f"7{PHONE};ext=1", "+88312345678", "+7 495 123 45 67 доб. 5", "sip:100@203.0.113.1", "+",
)  # fmt: skip
_ADDRESSES: Final = (
    f"//{MARK}.example", f"\\\\{MARK}.example", f"https:{MARK}.example", f"/\\{MARK}.example", f"https://{MARK}.example/",
    f"/@{MARK}.example", f"//{MARK}。example", f"/%09/{MARK}.example", f"\t//{MARK}.example", f"//{MARK}.example/%2f..",
    f"https://localhost@{MARK}.example", f"data:text/html,<{MARK}>", "../../../../etc/passwd", "..\\..\\windows",
    "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:8000/metrics", "http://169.254.169.254/", "http://[::1]/",
    "/me/../desk",
)  # fmt: skip
# Half characters, overlong and broken encodings: as they stand on the wire
_BROKEN: Final = (
    "%", "%zz", "%4", "%c3", "%ed%a0%80", "%c0%af", "%ff%fe", "%f4%90%80%80", "%25%30%30", "%2527", "%u0041", "+",
    "%00",
)  # fmt: skip

_TEXTS: Final = (*_MARKUP, *_TEMPLATES, *_SQL, *_LINES, *_SIGNS, *_NUMBERS, *_SUMS, *_DATES, *_PHONES, *_ADDRESSES)
TYPES: Final = (
    "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-7", "text/plain",
    "application/x-www-form-urlencoded; charset=koi8-r", "application/json", "multipart/form-data; boundary=b",
    "multipart/form-data", "application/xml", "*/*", f"text/html; {MARK}",
)  # fmt: skip


def values(known: list[str]) -> st.SearchStrategy[str]:
    """Draw what is sent as one value: one of the kinds above, what the house knows, or any text; percent-encoded."""
    texts = st.sampled_from(_TEXTS) | st.sampled_from(known) | st.text(max_size=30).filter(_can_be_sent)
    joined = st.tuples(texts, texts).map("".join)
    return st.one_of(texts, texts, joined).map(lambda text: quote(text, safe="")) | st.sampled_from(_BROKEN)


def names(name: str) -> st.SearchStrategy[str]:
    """Draw how a field is called: mostly as it is, sometimes as arrays and nested names of other frameworks are."""
    odd = (f"{name}[]", f"{name}[0]", f"{name}[a][b]", f"{name}.x", f" {name}", f"{name}%00", name.upper(), "%5b", "")
    return st.sampled_from([*[name] * 12, *odd])


def json_values(known: list[str]) -> st.SearchStrategy[Any]:
    """Draw what is sent as JSON: every type there is, each in each."""
    leaves = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.sampled_from([2**63, -(2**70), 10**400])
        | st.floats()
        | st.sampled_from([*_TEXTS, *known])
        | st.text(max_size=20)
    )
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=8,
    )


def _can_be_sent(text: str) -> bool:
    """Half a character has no bytes: it is among the broken encodings."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)
