"""Draws whole requests: who comes, through which door, what is written in path, query, body and headers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from hypothesis import strategies as st

from tests.web.fuzz.doors import Door
from tests.web.fuzz.grammar import MARK, TYPES, json_values, names, values

FORM = TYPES[0]
TOKENS = ("right", "right", "right", "none", "wrong", "another's")
MANY_FIELDS = 6
_TWICE = ("", "&{}", "&{0}&{0}")
_HEADERS: tuple[Mapping[str, str], ...] = (
    *[{}] * 6,
    {"Origin": f"https://{MARK}.example"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "POST"},
    {"Accept-Language": f"<{MARK}>;q=9,*;q=-1,{'a' * 500}"},
    {"User-Agent": f'"><{MARK}>{{{{98765*4321}}}}\x1b[2J'},
    {"Referer": f"https://localhost@{MARK}.example/"},
    {"If-None-Match": '"x", W/', "If-Modified-Since": "never", "Range": "bytes=9-1,-0"},
    {"Accept": "application/json", "Authorization": "Bearer k5_x.y"},
    {"Authorization": "Basic %%%", "Cookie": f"k5d={MARK}; session={MARK}"},
    {"Idempotency-Key": f"'{MARK}", "Content-Encoding": "gzip"},
    {"X-Request-Id": f"<{MARK}>", "Purpose": "prefetch"},
    {"Expect": "100-continue", "Transfer-Encoding": "x"},
)


@dataclass(frozen=True)
class Asked:
    """One request. `token`: whose token its body carries; `body` stands on the wire as it is."""

    reader: str
    door: Door
    method: str
    path: str
    query: str
    body: bytes
    content_type: str
    token: str
    headers: Mapping[str, str]

    @property
    def may_act(self) -> bool:
        """Whether it may change what is somebody's: a form with its browser's own token."""
        return self.method == self.door.method != "GET" and self.token == "right"


@st.composite
def requests(draw: st.DrawFn, doors: list[Door], readers: list[str], known: list[str]) -> Asked:
    """Draw a request of one of these readers through one of these doors; `known` are names of what the house has."""
    door = draw(st.sampled_from(doors))
    at_home = ["staff owner"] * 12 if door.view.startswith("desk.") else ["member"] * 12 + ["poor"] * 4
    reader = draw(st.sampled_from([*at_home, *readers]))  # mostly whoever gets beyond the log-in
    method = draw(st.sampled_from([*[door.method] * 40, "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "PROPFIND"]))
    return Asked(
        reader,
        door,
        method,
        door.path({name: draw(values(known)) for name in door.good if draw(st.integers(0, 4)) == 0}),
        "" if door.method != "GET" and draw(st.booleans()) else draw(_pairs(door, known)),
        *draw(_bodies(door, known)) if door.method != "GET" or draw(st.integers(0, 9)) == 0 else (b"", FORM),
        draw(st.sampled_from(TOKENS)),
        draw(st.sampled_from(_HEADERS)),
    )


@st.composite
def _pairs(draw: st.DrawFn, door: Door, known: list[str]) -> str:
    """Draw the fields of a form: as one of the house's own has them, or bare names; some hostile, some twice."""
    honest = dict(draw(st.sampled_from(door.forms))) if door.forms else {}
    every = sorted({*honest, *door.fields})
    changed = draw(
        st.lists(st.sampled_from(every), max_size=draw(st.sampled_from([1, 1, 2, MANY_FIELDS])), unique=True)
    )
    parts = [f"{quote(name)}={quote(value, safe='')}" for name, value in honest.items() if name not in changed]
    for name in changed:
        pair = f"{draw(names(name))}={draw(values(known))}"
        parts.append(pair + draw(st.sampled_from([*_TWICE[:1] * 8, *_TWICE[1:]])).format(pair))
    return "&".join(parts)


@st.composite
def _bodies(draw: st.DrawFn, door: Door, known: list[str]) -> tuple[bytes, str]:
    """Draw a body and the type that it is said to be of: a form in most cases, as people send it."""
    kind = draw(st.integers(0, 15))
    if kind == 0 or door.view.startswith("api."):
        told = {
            "number": draw(json_values(known)),
            **draw(st.dictionaries(st.sampled_from([*door.fields, "max_price"]), json_values(known))),
        }
        whole = draw(st.sampled_from([told, draw(json_values(known))]))
        return json.dumps(whole).encode("utf-8", "surrogatepass"), draw(st.sampled_from(["application/json", *TYPES]))
    if kind == 1:
        return draw(st.binary(max_size=200)), draw(st.sampled_from(TYPES))
    if kind == 2:
        return _parts(draw(st.sampled_from(door.fields)), draw(values(known))), TYPES[5]
    return draw(_pairs(door, known)).encode(), FORM if kind < 13 else draw(st.sampled_from(TYPES))


def _parts(name: str, value: str) -> bytes:
    """A form in parts whose one field is a file with a hostile name."""
    head = f'Content-Disposition: form-data; name="{name}"; filename="../{MARK}\\".xlsx"\r\nContent-Type: */{MARK}'
    return f"--b\r\n{head}\r\n\r\n{value}\r\n--b--\r\n".encode()
