"""The schema and the models say the same, on both databases; rows that are there stay."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from k5web.storage import schema


def test_a_migrated_base_is_what_the_models_say(database_url: str) -> None:
    assert schema.is_current(database_url)
    assert schema.check(database_url) == []


def test_objections_to_plans_stay_where_those_to_price_lists_come_beside_them(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    with schema.connected(url) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", schema.SCRIPTS)
        command.upgrade(config, "0031")
        connection.execute(
            text("INSERT INTO plan_version VALUES (1, 'own', '2026-12-13', '', '', x'00', '', 'staff:x')")
        )
        connection.execute(text("INSERT INTO plan_objection VALUES (7, 1, '2026-12-01', 'staff:x', '2026-12-13')"))
    schema.upgrade(url)
    with schema.connected(url, readonly=True) as connection:
        found = connection.execute(text("SELECT owner_id, subject, code, version_id, ends_on FROM objection")).all()
    assert [tuple(row) for row in found] == [(7, "plan", "own", 1, "2026-12-13")]
