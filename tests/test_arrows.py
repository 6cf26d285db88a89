"""Imports point one way; a breach fails here before a reviewer meets it."""

import ast
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS_OF_OURS = ("k5web", "connectors", "app", "bench", "tests")

MAY_IMPORT: Mapping[str, set[str]] = {  # room: the first-party rooms it may look into, besides itself
    "k5web/errors": set(),
    "k5web/domain": {"k5web.errors"},
    "k5web/storage": {"k5web.domain", "k5web.errors"},
    "k5web/pricelists": {"k5web.domain", "k5web.errors"},
    "k5web/plans": set(),
    "k5web/contracts": set(),
    "k5web/paper": {"k5web.domain", "k5web.errors"},
    "k5web/config": {"k5web.domain", "k5web.errors"},
    "k5web/outgoing": {"k5web.domain", "k5web.errors"},
    "k5web/messaging": {"k5web.domain", "k5web.errors", "k5web.outgoing", "k5web.config.messages"},
    "k5web/telephony": {"k5web.domain", "k5web.errors", "k5web.outgoing", "k5web.config.switches"}
    | {"k5web.config.carriers"},
    "k5web/services": {"k5web.domain", "k5web.storage", "k5web.errors", "k5web.turns", "k5web.whole_file"},
    "k5web/web": {
        "k5web.domain",
        "k5web.paper",
        "k5web.services",
        "k5web.errors",
        "k5web.VERSION",
        "k5web.config.settings",
        "k5web.request_id",
        "k5web.turns",
    },
    "k5web/cli": {"app", "k5web.domain", "k5web.services", "k5web.errors", "k5web.config.settings", "k5web.pricelists"}
    | {
        "k5web.VERSION",
        "k5web.config.switches",
        "k5web.contracts",
        "k5web.logs",
        "k5web.paper.qr",
        "k5web.plans",
        "k5web.storage.citus",
        "k5web.storage.distributing",
        "k5web.storage.distribution_proof",
        "k5web.storage.revision",
        "k5web.storage.schema",
        "k5web.storage.session",  # a command that looks up a few rows opens the database alone
        "k5web.whole_file",
    },  # `k5 db` is about the database itself
    "connectors": {"k5web.domain", "k5web.errors", "k5web.outgoing", "k5web.config.table"},
}
WINGS = {"calls", "contacts", "payments", "bank", "books", "accounts", "messaging", "prices", "pbx", "desk"}
MAY_LOOK_INTO = {  # room: wing, or module beside the wings: which of these it may look into
    "k5web/domain": {
        "calls": {"books", "incident", "money", "prices", "throttle"},
        "payments": {"money", "phrase", "prices", "workday"},
        "bank": {"accounts", "money", "words"},
        "books": {"money", "prices", "workday"},
        "accounts": {"books", "money", "prices", "readable", "throttle", "workday"},
        "messaging": {"accounts", "money", "prices"},
        "prices": {"money"},
        "contacts": {"prices"},
        "pbx": {"accounts", "books", "calls", "money", "prices", "readable", "throttle"},
        "desk": {"accounts", "bank", "books", "calls", "money", "payments", "pbx", "prices", "words", "workday"},
    },
    "k5web/storage": {
        "calls": {"prices", "session", "sql", "tables", "types", "values"},
        "payments": {"sql", "tables", "types", "values"},
        "bank": {"allocator", "sql", "tables", "types", "values"},
        "books": {"allocator", "calls", "citus", "outbox", "placement", "prices", "sql", "tables", "types", "values"},
        "accounts": {"sql", "tables", "types", "values"},
        "contacts": {"tables"},
        "messaging": {"sql", "tables", "values"},
        "prices": {"sql", "tables", "values"},
        "pbx": {"calls", "prices", "session", "sql", "tables", "types", "values"},
        "desk": {
            "accounts",
            "allocator",
            "bank",
            "books",
            "calls",
            "payments",
            "pbx",
            "prices",
            "session",
            "sql",
            "tables",
            "types",
            "values",
        },
    },
    "k5web/services": {
        "calls": {"ports", "prices"},
        "payments": {"books", "messaging", "ports"},
        "bank": {"books", "payments", "ports"},
        "books": {"messaging", "ports"},
        "accounts": {"calls", "messaging", "ports", "prices"},
        "messaging": {"ports"},
        "contacts": {"ports", "prices"},
        "prices": {"in_force", "messaging", "ports"},
        "pbx": {"accounts", "books", "calls", "messaging", "ports", "prices"},
        "desk": {"accounts", "bank", "books", "calls", "in_force", "messaging", "payments", "pbx", "ports", "prices"},
        "ports": {"in_force"},
        "in_force": set(),
        "demo": {"accounts", "desk", "payments", "pbx", "ports"},
        "health": {"calls", "ports"},
        "worker": {"accounts", "books", "calls", "desk", "health", "messaging", "payments", "pbx", "ports", "prices"},
    },
}
MOST_BOXES = 15  # wings and modules of one room of services
AT_HOME = {  # a library: the only rooms that know it; "*" stands for a connector's folder
    "flask": {"k5web/web", "app.py", "connectors/*/sandbox"},
    "sqlalchemy": {"k5web/storage"},
    "alembic": {"k5web/storage"},
    "psycopg": {"k5web/storage"},
    "requests": {"k5web/outgoing"},
    "urllib3": {"k5web/outgoing"},  # it alone asks others' addresses (S15)
    "urllib.request": set(),
    "http.client": set(),
    "smtplib": {"k5web/messaging"},
    "tomllib": {
        "k5web/domain/strict_toml.py",
        "k5web/services/prices/deckmapping.py",
        "k5web/services/in_force/planfiles.py",
    },
    "sqlalchemy.dialects": {"k5web/storage/sql.py"},
    "cryptography": {"connectors", "k5web/services/desk", "k5web/services/pbx"},
    "pyotp": {"k5web/services/desk"},
    "av": {"k5web/telephony/sound_decoder.py"},  # it decodes strangers' files: nowhere but in a process of its own
    "subprocess": {"k5web/telephony/greeting_sound.py"},
    "click": {"k5web/cli"},
    "gunicorn": {"k5web/cli"},
    "phonenumbers": {"k5web/domain", "k5web/pricelists"},
    "prometheus_client": {"k5web/web/monitoring.py", "k5web/web/request_figures.py"},
    "holidays": {"k5web/domain"},
    "num2words": {"k5web/paper"},
    "qrcode": {"k5web/paper"},
    "reportlab": {"k5web/paper"},
    "openpyxl": {"k5web/paper", "k5web/services", "k5web/storage"},
    "msgspec": {"k5web/services"},
    "zxcvbn": {"k5web/services"},
}
TYPES_ONLY = {"sqlalchemy.orm.Session"}  # a service may name what it hands on to storage
PROVIDERS = re.compile(r"qiwi|elsom|osmp|sberbank|megacom", re.IGNORECASE)
LONGEST_FILE, LONGEST_FUNCTION = 400, 50
REASON = "Long because"  # in its docstring: why a file or function is longer than a page


def sources(*places: str) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))


@cache
def imports(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def lies_in(module: str, rooms: set[str]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_arrows_point_one_way(room: str) -> None:
    allowed = MAY_IMPORT[room] | {room.replace("/", ".")}
    for path in sources(room):
        ours = {module for module in imports(path) if module.split(".")[0] in ROOMS_OF_OURS}
        strays = {module for module in ours if not lies_in(module, allowed)}
        assert not strays, f"{path.relative_to(ROOT)} looks into {sorted(strays)}"


def box_of(module: str, room: str) -> str:
    """Return the wing of `k5web.services.calls.placing.place`, or the module beside the wings; nothing elsewhere."""
    rest = module.removeprefix(f"{room.replace('/', '.')}.")
    return rest.split(".")[0] if rest != module else ""


@pytest.mark.parametrize("room", MAY_LOOK_INTO)
def test_wings_look_only_where_it_is_said(room: str) -> None:
    for path in sources(room):
        box = path.relative_to(ROOT / room).parts[0].removesuffix(".py")
        found = {box_of(module, room) for module in imports(path)} - {"", box}
        if box in MAY_LOOK_INTO[room]:
            strays = found - MAY_LOOK_INTO[room][box]
            assert not strays, f"{path.relative_to(ROOT)} looks into {sorted(strays)}"
        else:
            assert not found & WINGS or room != "k5web/services", f"{path.relative_to(ROOT)} needs its arrows here"


@pytest.mark.parametrize("room", MAY_LOOK_INTO)
def test_wings_make_no_circle(room: str) -> None:
    arrows = MAY_LOOK_INTO[room]
    placed: set[str] = set()
    while left := arrows.keys() - placed:
        free = {box for box in left if not (arrows[box] & arrows.keys()) - placed}
        assert free, f"a circle among {sorted(left)}"
        placed |= free


def test_the_use_cases_are_few_boxes() -> None:
    boxes = {path.relative_to(ROOT / "k5web/services").parts[0] for path in sources("k5web/services")} - {"__init__.py"}
    assert {box.removesuffix(".py") for box in boxes} == MAY_LOOK_INTO["k5web/services"].keys()
    assert len(boxes) <= MOST_BOXES


def test_every_room_has_its_arrows() -> None:
    rooms = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "k5web").glob("*/__init__.py")}
    assert rooms <= set(MAY_IMPORT), "a new room says here what it may import"


def test_connectors_never_see_each_other() -> None:
    for path in sources("connectors"):
        own = path.relative_to(ROOT / "connectors").parts[0]
        others = {m for m in imports(path) if m.startswith("connectors.") and not lies_in(m, {f"connectors.{own}"})}
        assert path.name == "__init__.py" or not others, f"{path.relative_to(ROOT)}: {others}"


@pytest.mark.parametrize("library", AT_HOME)
def test_a_library_is_known_to_its_rooms_only(library: str) -> None:
    for path in sources("app.py", "k5web", "connectors"):
        place = path.relative_to(ROOT).as_posix()
        knows = any(lies_in(module, {library}) for module in imports(path) - TYPES_ONLY)
        is_home = any(fnmatchcase(place, f"{room}*") for room in AT_HOME[library])
        assert not knows or is_home, f"{place} imports {library}"


def test_json_from_outside_is_read_in_one_place() -> None:
    """A second reader would forget a rule of the first: a name twice, NaN, a number as a float."""
    readers = {
        path.name for path in sources("app.py", "k5web", "connectors") if "pairs_hook" in path.read_text("utf-8")
    }
    assert readers == {"strict_json.py"}


def test_domain_is_pure() -> None:
    impure = {"os", "time", "random", "secrets", "socket", "subprocess", "logging", "pathlib", "io"}
    for path in sources("k5web/domain"):
        found = {module for module in imports(path) if module.split(".")[0] in impure}
        assert not found, f"{path.relative_to(ROOT)} reaches outside by {sorted(found)}"


def test_imports_make_no_circle() -> None:
    modules = {module_name(path): path for path in sources("app.py", "k5web", "connectors")}
    arrows = {name: {home_of(found, modules) for found in imports(path)} - {""} for name, path in modules.items()}
    done: set[str] = set()

    def walk(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, f"a circle: {' > '.join([*trail[trail.index(module) :], module])}"
        if module not in done:
            for below in sorted(arrows[module] - {module}):
                walk(below, (*trail, module))
            done.add(module)

    for module in arrows:
        walk(module, ())


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def home_of(name: str, modules: Mapping[str, Path]) -> str:
    """Return the module that holds `k5web.domain.money.Money`, or nothing where it is not ours."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


# What takes a tenth of a start or more and few processes use; tests/test_start.py says that no command begins with it
LATE_IMPORTS = {("app.py", name) for name in ("load_pages", "_attach", "_write_report")}


def test_no_import_hides_inside_a_function() -> None:
    for path in sources("app.py", "k5web", "connectors", "bench", "tests"):
        for function in functions(path):
            if (str(path.relative_to(ROOT)), function.name) in LATE_IMPORTS:
                continue
            hidden = [node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
            assert not hidden, f"{path.relative_to(ROOT)}:{hidden[0]}: an import inside {function.name}"


def test_long_files_and_functions_give_their_reason() -> None:
    for path in sources("app.py", "k5web", "connectors", "bench"):
        if "migrations/versions" in path.as_posix():
            continue
        text = path.read_text("utf-8")
        is_explained = REASON in (ast.get_docstring(ast.parse(text)) or "")
        assert is_explained or text.count("\n") <= LONGEST_FILE, f"{path.relative_to(ROOT)} is long"
        for function in functions(path):
            lines = (function.end_lineno or function.lineno) - function.lineno
            is_explained = REASON in (ast.get_docstring(function) or "")
            assert is_explained or lines <= LONGEST_FUNCTION, f"{path.relative_to(ROOT)}: {function.name} is long"


def test_no_provider_is_named_outside_its_folder() -> None:
    for place in ("k5web", "templates", "static"):
        for path in (ROOT / place).rglob("*"):
            if path.suffix in {".py", ".html", ".css", ".js", ".txt"}:
                found = PROVIDERS.search(path.read_text("utf-8"))
                assert not found, f"{path.relative_to(ROOT)} names a provider: {found and found[0]}"
