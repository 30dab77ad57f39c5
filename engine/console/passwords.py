"""Passwords: kept as Argon2 hashes, compared in the same time whether or not there is such a user."""

from __future__ import annotations

import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 10
LONGEST: Final = 200
"""Hashing is work; nobody may make us hash a novel."""


class PasswordError(ValueError):
    """A password that may not be used; the message says why and what to do."""


class Passwords:
    """Hashes and checks; `hasher` is Argon2id with the library's parameters unless a test gives cheaper ones."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    def hash(self, password: str, user: str) -> str:
        """The hash to keep. Raises PasswordError where the password is too easy to guess, or too long."""
        if len(password) < SHORTEST:
            raise PasswordError(f"the password has {len(password)} characters; use at least {SHORTEST}")
        if len(password) > LONGEST:
            raise PasswordError(f"the password is longer than {LONGEST} characters")
        if len(set(password)) < 5 or user.lower() in password.lower():
            raise PasswordError("this password is easy to guess; use several words that only you would put together")
        return self._hasher.hash(password)

    def matches(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one of this hash; with None, for a user who is not there, it never is."""
        try:
            self._hasher.verify(kept or self._nobody, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None
