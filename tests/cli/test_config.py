"""`k5 config check`: what the settings mean; no secret, no connection, no database made."""

from tests.cli.conftest import K5
from tests.cli.sentences import k5_with


def test_the_settings_are_told_without_their_secrets(k5: K5, environ: dict[str, str]) -> None:
    environ["K5_DATABASE_URL"] = "postgresql+psycopg://k5_run:hunter2@10.0.0.7:5432/k5"
    told = k5("config", "check")
    assert (told.exit_code, told.stdout.splitlines()[-1]) == (0, "every setting can be used")
    assert "database:        postgresql at 10.0.0.7:5432/k5" in told.stdout
    assert not [secret for secret in ("hunter2", environ["K5_SECRET_KEY"]) if secret in told.output]


def test_a_wrong_one_is_named(environ: dict[str, str]) -> None:
    refused = k5_with(environ | {"K5_TRUSTED_PROXIES": "many"}, "config", "check")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("k5: K5_TRUSTED_PROXIES: ")
