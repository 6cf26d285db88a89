"""The page of documents."""

from tests.web.conftest import Browser


def test_the_cabinet_leads_to_the_documents(phone: Browser) -> None:
    assert 'href="/me/documents"' in phone.get("/me").text
    page = phone.get("/me/documents")
    assert page.status_code == 200
    assert 'href="/me/statement"' in page.text
