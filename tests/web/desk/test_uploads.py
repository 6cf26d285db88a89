"""Only views that take files let more through than a form holds."""

from flask import Flask

from k5web.web.desk.uploads import LARGEST, VIEWS


def test_the_views_that_take_files_are_there_and_the_limit_stays_for_all_others(app: Flask) -> None:
    assert app.view_functions.keys() >= VIEWS
    assert app.config["MAX_CONTENT_LENGTH"] < LARGEST == 32 * 1024 * 1024
