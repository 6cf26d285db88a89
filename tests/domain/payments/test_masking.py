"""What is kept of a provider's request: payers stay recognisable, secrets and whole numbers do not stay at all."""

import pytest

from k5web.domain.payments.masking import masked


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("command=pay&sum=5.00&sign=abc&b=2", "command=pay&sum=5.00&sign=***&b=2"),
        ("x=y=token=zzz&k=1", "x=y=token=***&k=1"),
        ("sign=", "sign="),
        ('{"password": "x\\"y,z", "sum":"5.00"}', '{"password": ***, "sum":"5.00"}'),
        ('{"bill":{"sign":"q,w","id":"7"}}', '{"bill":{"sign":***,"id":"7"}}'),
        ('{"tokens":["a","b"],"k":1}', '{"tokens":***,"k":1}'),
        ('{"sign":"cut off, here', '{"sign":***'),
        ('<r><extra name="password-md5">abc</extra><login>x</login></r>',
         '<r><extra name="password-md5">***</extra><login>x</login></r>'),
        ("<r><ns:password>zz</ns:password><sum>5</sum></r>", "<r><ns:password>***</ns:password><sum>5</sum></r>"),
        ('<request sign="a b" sum="5"/>', '<request sign=*** sum="5"/>'),
        ("account=79161234567 card 4111 1111 1111 1111", "account=7916***67 card 4111***11"),
    ],
)  # fmt: skip
def test_secrets_and_whole_numbers_are_not_kept(text: str, kept: str) -> None:
    assert masked(text) == kept


def test_what_is_told_as_a_secret_is_hidden_wherever_it_stands() -> None:
    assert masked("a=letmein&b=1", ["letmein", ""]) == "a=***&b=1"


def test_nothing_steers_a_terminal() -> None:
    assert masked("a\x00\x1b[31m\u202eb\n") == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}[31m" + (
        "\N{REPLACEMENT CHARACTER}b\n"
    )
