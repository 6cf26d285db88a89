"""A code inside a page: its quiet zone and its words."""

from k5web.paper import qr, svg


def test_a_code_has_its_quiet_zone_and_its_words() -> None:
    element = svg.draw_code(b"https://k5.example/+74951234567", 'Код "для" оплаты')
    size = qr.encode(b"https://k5.example/+74951234567").size
    assert f'viewBox="-4 -4 {size + 8} {size + 8}"' in element
    assert 'aria-label="Код &#34;для&#34; оплаты"' in element
    assert "xmlns" not in element
    assert svg.picture(b"x", "y").startswith('<svg xmlns="http://www.w3.org/2000/svg" ')
