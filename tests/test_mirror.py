"""The tree of tests mirrors the code: a module has tests under its own path, or is listed with what covers it."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = [
    *(f"k5web/{room}" for room in ("cli", "config", "domain", "outgoing", "paper", "services", "storage", "telephony")),
    *("k5web/web", "connectors"),
]
# What covers the modules without a test file of their own yet, less `k5web/` and `.py`. The list only gets shorter:
# a new module brings its own tests
COVERS: dict[str, list[str]] = {
    "connectors/test_contract.py": ["domain/payments/connector"],
    "connectors/elsom/test_ways.py": ["domain/payments/payment_way"],
    "config/test_messages.py": ["domain/messaging/service_numbers"],
    "storage/desk/test_audit_rows.py": ["domain/desk/audit"],
    "storage/books/test_invariants.py": ["storage/books/invariant"],
    "services/books/test_sealing.py": ["storage/books/seal_invariants", "storage/books/seal_rows"],
    "web/test_headers.py": ["web/application"],
    "web/desk/test_money.py": ["web/desk/deed_refusals"],
    "services/calls/test_settling.py": ["services/calls/late_records"],
    "services/calls/test_missed_calls.py": ["domain/calls/missed_calls"],
    "web/messaging/test_notices.py": ["services/messaging/wishes"],
    "storage/pbx/test_pbx_rows.py": ["domain/pbx/organisation"],
    "services/messaging/test_codes.py": [
        "domain/messaging/message",
    ],
    "services/payments/test_notices.py": [
        "domain/payments/notice",
    ],
    "storage/test_schema.py": [
        "storage/tables/accounts",
        "storage/tables/acts",
        "storage/tables/bank",
        "storage/tables/claims",
        "storage/tables/contacts",
        "storage/tables/base",
        "storage/tables/books",
        "storage/tables/calls",
        "storage/tables/contract",
        "storage/tables/desk",
        "storage/tables/exports",
        "storage/tables/messages",
        "storage/tables/payments",
        "storage/tables/pbx",
        "domain/pbx/switch_tables",
        "storage/tables/personal",
        "storage/tables/prices",
        "storage/tables/safety",
        "storage/tables/subscriptions",
    ],
}


def test_each_module_has_tests_under_its_path_or_is_listed() -> None:
    listed = {module for modules in COVERS.values() for module in modules}
    homeless = [str(path) for path in modules() if not has_own(path) and name_of(path) not in listed]
    assert not homeless, f"write {[own_of(Path(path)) for path in homeless]}, or list the modules in COVERS here"


def test_the_list_names_what_is_there_and_has_no_test_of_its_own() -> None:
    without_own = {name_of(path) for path in modules() if not has_own(path)}
    for covering, covered in COVERS.items():
        assert (ROOT / "tests" / covering).exists(), f"{covering} is gone: say in COVERS what covers {covered} now"
        wrong = set(covered) - without_own
        assert not wrong, f"take {wrong} out of COVERS: moved, or with tests of their own now"


def test_of_twenty_modules_nineteen_have_tests_of_their_own() -> None:
    without_own = [path for path in modules() if not has_own(path)]
    assert len(without_own) * 20 <= len(modules()), f"write {[own_of(path) for path in without_own]}"


def modules() -> list[Path]:
    found = [path.relative_to(ROOT) for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return [path for path in found if path.name != "__init__.py" and "migrations" not in path.parts]


def name_of(path: Path) -> str:
    return path.with_suffix("").as_posix().removeprefix("k5web/")


def own_of(path: Path) -> str:
    return f"tests/{Path(name_of(path)).parent}/test_{path.name}"


def has_own(path: Path) -> bool:
    return (ROOT / own_of(path)).exists()
