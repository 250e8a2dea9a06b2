"""What other rooms ask of measures: where a subject's standing lies, what it holds, and which
changes measures have to be told of."""

from __future__ import annotations

from typing import Final

from chalicelib.measures.events import look_again, wants
from chalicelib.measures.store import standing_from, standing_key

GROUNDS: Final = ("record", "case", "subject", "evaluation_run")
"""Entities measures can rest on."""

__all__ = ["GROUNDS", "look_again", "standing_from", "standing_key", "wants"]
