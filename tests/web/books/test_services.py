"""Words for what subscribers are charged for."""

from flask import Flask

from k5web.domain.books.service import ServiceKind
from k5web.web.books import services


def test_each_kind_of_services_has_words_of_its_own(app: Flask) -> None:
    with app.test_request_context():
        assert len({services.word(kind) for kind in ServiceKind}) == len(ServiceKind)
