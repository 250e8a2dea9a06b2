"""Receipt codes: what the person who reports something keeps, and the only way back to it.

160 random bits in the 32 signs of Crockford's Base32 (no I, L, O and U), in groups of four, so that
it can be written on paper and read out. Spaces, hyphens and case do not matter, O is read as 0 and
I and L as 1, full-width signs as their narrow ones.
"""

from __future__ import annotations

import unicodedata
from typing import Final

CODE_BYTES: Final = 20
LONGEST_CODE: Final = 120
"""Characters taken from somebody who types a code, separators included."""

_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUP: Final = 4
_BITS: Final = 5
_ALIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})


def code_of(secret: bytes) -> str:
    """The code that shows `secret` (CODE_BYTES of it). Raises ValueError for another length."""
    if len(secret) != CODE_BYTES:
        raise ValueError("a receipt code holds 160 bits")
    number = int.from_bytes(secret, "big")
    count = CODE_BYTES * 8 // _BITS
    signs = "".join(_SIGNS[number >> _BITS * place & 31] for place in range(count - 1, -1, -1))
    return "-".join(signs[at : at + _GROUP] for at in range(0, count, _GROUP))


def plain_code(typed: str) -> str:
    """A code as it is compared, however it was typed. Anything that is no code stays no code."""
    narrow = unicodedata.normalize("NFKC", typed).upper().translate(_ALIKE)
    return "".join(sign for sign in narrow if sign.isalnum())
