"""Passwords: kept as argon2id hashes, judged by length and by what everybody tries first."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gridmap.errors import AccessError

LEAST = 10
"""Characters a password has at least; long and own beats short and odd."""

MOST = 200
"""Characters a password has at most, so that nobody makes the server hash a book."""

_TRIED_FIRST = ("password", "12345678", "qwertyui", "admin", "gridmap", "wangge", "abc123", "iloveyou", "888888", "666666")
_HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=2)


@cache
def _nobody() -> str:
    """Give a hash that is checked where an account does not exist, so that the answer takes as long as where it does."""
    return _HASHER.hash(secrets.token_hex())


def judge(password: str, name: str) -> None:
    """Raise AccessError unless the password may be one: long enough, not the name, not what everybody tries first."""
    if not LEAST <= len(password) <= MOST:
        raise AccessError("A password has {least} to {most} characters.", least=LEAST, most=MOST)
    plain = password.casefold()
    if name.casefold() in plain or len(set(plain)) < 5 or any(plain.startswith(word) for word in _TRIED_FIRST):
        raise AccessError("This password is one that others would try first; choose another.")


def keep(password: str) -> str:
    """Give what is kept of a password."""
    return _HASHER.hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Say whether a password is the one that was kept; takes as long where there is none."""
    try:
        return _HASHER.verify(kept or _nobody(), password[:MOST]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def one_time() -> str:
    """Make a password to be handed over and changed at the first sign-in: 16 characters that cannot be misread."""
    return "-".join("".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(4)) for _ in range(4))
