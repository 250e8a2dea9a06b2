"""The founded platform, shared with the tests of access."""

from tests.access.conftest import issuer, platform, time

__all__ = ["issuer", "platform", "time"]
