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
    "cli/test_call.py": ["services/calls/staff_view"],
    "connectors/test_contract.py": ["domain/payments/connector"],
    "connectors/elsom/test_ways.py": ["domain/payments/payment_way"],
    "services/accounts/test_devices.py": ["storage/accounts/device_rows"],
    "services/accounts/test_logins.py": ["storage/accounts/login_counts", "storage/throttles"],
    "services/accounts/test_tokens.py": ["storage/accounts/token_rows"],
    "services/bank/test_closing.py": [
        "storage/bank/closings",
    ],
    "services/bank/test_doubtful_payments.py": ["storage/bank/doubt_rows"],
    "services/bank/test_invoices.py": ["storage/bank/invoice_rows"],
    "services/bank/test_statement_import.py": [
        "storage/allocator",
        "storage/bank/bank_payments",
    ],
    "services/books/test_corrections.py": ["services/books/crediting", "services/ports"],
    "services/books/test_statements.py": ["storage/books/statement_rows"],
    "services/books/test_verify.py": [
        "storage/books/invariant",
        "storage/incidents",
    ],
    "services/calls/test_missed_calls.py": ["domain/calls/missed_calls", "storage/calls/missed_call_rows"],
    "services/calls/test_ordering.py": ["storage/calls/call_rows"],
    "services/calls/test_routing.py": ["storage/calls/routes"],
    "services/calls/test_safety.py": ["storage/calls/limit_rows"],
    "services/calls/test_widgets.py": ["storage/calls/widget_rows"],
    "services/payments/test_notices.py": [
        "domain/payments/notice",
        "storage/payments/notice_rows",
    ],
    "services/payments/test_reconciliation.py": [
        "storage/payments/registers",
    ],
    "services/prices/test_tariffs.py": [
        "services/prices/countries",
        "services/prices/exchange",
    ],
    "services/test_ratebook.py": ["storage/prices/kept_rates"],
    "services/test_worker.py": ["storage/wakeups"],
    "storage/test_revision.py": ["storage/types"],
    "storage/test_schema.py": [
        "storage/tables/accounts",
        "storage/tables/bank",
        "storage/tables/base",
        "storage/tables/books",
        "storage/tables/calls",
        "storage/tables/payments",
        "storage/tables/prices",
        "storage/tables/safety",
    ],
    "web/accounts/test_devices.py": ["web/accounts/browsers"],
    "web/bank/test_receipts.py": ["services/bank/receipts", "storage/bank/receipt_rows"],
    "web/books/test_cabinet.py": ["web/books/chart", "web/books/reasons"],
    "web/payments/test_cards.py": [
        "storage/payments/auto_top_up_rows",
        "storage/payments/saved_card_rows",
    ],
    "web/test_access.py": ["web/context"],
    "web/test_monitoring.py": ["services/health", "storage/figures"],
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


def modules() -> list[Path]:
    found = [path.relative_to(ROOT) for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return [path for path in found if path.name != "__init__.py" and "migrations" not in path.parts]


def name_of(path: Path) -> str:
    return path.with_suffix("").as_posix().removeprefix("k5web/")


def own_of(path: Path) -> str:
    return f"tests/{Path(name_of(path)).parent}/test_{path.name}"


def has_own(path: Path) -> bool:
    return (ROOT / own_of(path)).exists()
