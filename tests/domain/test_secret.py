"""Secrets that anybody tries first are none (S24); random ones, and those that providers choose, are let in."""

import secrets

import pytest

from k5web.domain.secret import is_example, weakness


@pytest.mark.parametrize(
    "text",
    ["", "x", "a" * 32, "0" * 48, "1234567", "ab" * 20, "test-" * 10, "abcdefghijklmnopqrstuvwxyz0123456789",
     "CHANGE-ME", "change_me", "OWNERS-PASSWORD", "THE-CARRIERS-PASSWORD", "0123456789abcdef" * 2],
)  # fmt: skip
def test_a_key_anybody_guesses_is_weak(text: str) -> None:
    assert weakness(text, 32)


@pytest.mark.parametrize(
    "text",
    ["x", "aaaaaaaa", "12345678", "87654321", "CHANGE-ME", "password1", "Secret123", "k5", "abababab"],
)
def test_a_password_anybody_guesses_is_weak(text: str) -> None:
    assert weakness(text)


def test_what_is_random_is_never_weak() -> None:
    for _ in range(2000):
        assert not weakness(secrets.token_urlsafe(24), 32)
        assert not weakness(secrets.token_hex(16), 32)
        assert not weakness(secrets.token_urlsafe(48), 32)


@pytest.mark.parametrize("text", ["Q7x2mK9p", "tin-secret", "s3cret-word", "8f3kd02l", "Оптима-2026-банк"])
def test_what_a_provider_may_have_chosen_is_let_in(text: str) -> None:
    assert not weakness(text)


def test_an_examples_blank_is_told_from_a_password() -> None:
    assert is_example("RUNNERS-PASSWORD")
    assert not is_example("A1B2-C3D4-E5F6")
