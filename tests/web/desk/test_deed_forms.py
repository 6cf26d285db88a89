"""What is typed into forms of money by hand becomes what they are carried out by. Promises: S22."""

import pytest
from flask import Flask

from k5web.errors import K5Error
from k5web.services.desk.deeds import DEEDS
from k5web.web.desk import deed_forms
from tests.services.house import House


def test_each_form_is_of_a_kind_and_says_what_each_field_is(app: Flask) -> None:
    assert deed_forms.FORMS.keys() <= DEEDS.keys()
    with app.test_request_context():
        known = deed_forms.labels()
    assert {field for form in deed_forms.FORMS.values() for field in form.fields} <= known.keys()


def test_a_subscriber_is_found_by_phone_and_a_sum_read_as_people_write_it(k5: House) -> None:
    typed = {"owner": "8 916 123-45-67", "sum": "1 500,5", "sign": "minus", "counter": "loss", "form_key": "form-0001"}
    wish = deed_forms.wish_of(k5.ports, "correction", typed)
    assert (wish.owner_id, wish.form_key) == (k5.caller.id, "form-0001")
    assert wish.payload == {"minor": -150050, "currency": "RUB", "counter": "loss"}


@pytest.mark.parametrize("kind", sorted(deed_forms.FORMS.keys() - {"close_top_up", "credit_top_up"}))
def test_an_empty_form_is_refused_with_a_sentence(k5: House, kind: str) -> None:
    """A top-up is looked for only when it is shown what will happen."""
    with pytest.raises(K5Error):
        deed_forms.wish_of(k5.ports, kind, {"owner": str(k5.caller.id)})


def test_every_form_has_a_key_of_its_own() -> None:
    assert len({deed_forms.new_key() for _ in range(100)}) == 100
