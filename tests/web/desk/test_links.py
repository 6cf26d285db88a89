"""A link leads to a page of the desk that is there, and to none that is not."""

from flask import Flask

from k5web.web.desk.links import page_of


def test_a_page_that_is_there_has_its_address_and_another_has_none(app: Flask) -> None:
    with app.test_request_context("/desk"):
        assert page_of("desk.top_up", reference="K5-1-2") == "/desk/payments/top-up/K5-1-2"
        assert page_of("desk.no_such_page", owner_id=1) == ""
