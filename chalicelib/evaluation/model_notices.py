"""What is known of a result's publication and of its appeal, beside the result itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

HoldState = Literal["held", "released", "withheld", "told"]


@dataclass(frozen=True, slots=True)
class Hold:
    """A result its body was told of before publication.

    `held` until the last day is over and no appeal is open, then `released`; `withheld` where
    the appeal was granted: what is published is the result computed again, in another run. `told`
    from the beginning where the scheme is not public: there is nothing to wait for.
    """

    run_id: str
    subject_id: str
    told_at: str
    last_day: str
    """The last of the working days; published on the day after it. Empty for what is only told."""
    deadline: Mapping[str, Any]
    """The last day with its working, day by day."""
    state: HoldState = "held"
    settled_at: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it keeps nothing back: what may be published is."""
        return self.state in ("released", "told")
