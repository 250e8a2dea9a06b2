"""The `setup` function: invoked by the operator once, harmless when repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from chalicelib.access.model import Founding
from chalicelib.access.register import found_platform
from chalicelib.aws.platform import Platform, current_platform


def setup(event: Mapping[str, object], context: object) -> dict[str, int]:
    """Found the platform as `event` says (`agencies`, `clients`); answers what was done."""
    return setup_on(current_platform(), event)


def setup_on(platform: Platform, event: Mapping[str, object]) -> dict[str, int]:
    """`setup` on a given platform. Raises pydantic's ValidationError for an unreadable event."""
    return asdict(found_platform(platform, Founding.model_validate(dict(event))))
