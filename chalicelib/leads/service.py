"""What other rooms ask of leads: to forget from where they came."""

from __future__ import annotations

from chalicelib.leads.limits import drop_day_keys

__all__ = ["drop_day_keys"]
