"""What other rooms ask of measures: where a subject's standing lies, and what it holds."""

from __future__ import annotations

from chalicelib.measures.store import standing_from, standing_key

__all__ = ["standing_from", "standing_key"]
