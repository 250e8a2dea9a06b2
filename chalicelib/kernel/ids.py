"""Where randomness comes from: passed in, so that a test can say what the next id is."""

from __future__ import annotations

import base64
import secrets
from typing import Protocol


class Ids(Protocol):
    """A maker of unguessable ids and random bytes."""

    def new(self, prefix: str) -> str:
        """A new id `<prefix>_<26 characters>` holding 128 random bits."""
        ...

    def random_bytes(self, count: int) -> bytes:
        """`count` random bytes (nonces, keys, salts)."""
        ...


def id_text(prefix: str, value: bytes) -> str:
    """`<prefix>_` and 16 bytes of `value` in lower-case base32: safe in URLs, keys and speech."""
    return f"{prefix}_{base64.b32encode(value[:16]).decode().rstrip('=').lower()}"


class RandomIds:
    """Ids from the operating system's generator."""

    def new(self, prefix: str) -> str:
        """See `Ids.new`."""
        return id_text(prefix, secrets.token_bytes(16))

    def random_bytes(self, count: int) -> bytes:
        """See `Ids.random_bytes`."""
        return secrets.token_bytes(count)
