"""What other rooms ask of leads: from where somebody calls, once a day, and to forget it again."""

from __future__ import annotations

from chalicelib.leads.kinds import pack_of_place
from chalicelib.leads.limits import drop_day_keys, once_today
from chalicelib.leads.rules_addresses import address_of

__all__ = ["address_of", "drop_day_keys", "once_today", "pack_of_place"]
