"""The bodies a survey or an appraisal round asks about."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.access.service import region_covers
from chalicelib.aws.platform import Platform
from chalicelib.creditfile import service as files
from chalicelib.kernel.errors import Fault, Invalid
from chalicelib.surveys.model import SurveyedBody


def registered_bodies(
    platform: Platform, region: str, codes: Sequence[str]
) -> tuple[SurveyedBody, ...]:
    """The bodies of these codes. Raises Invalid naming those that are not registered there."""
    found = files.subjects_by_id(platform, [files.body_id(code) for code in codes])
    faults, bodies = [], []
    for position, code in enumerate(codes):
        subject = found.get(files.body_id(code))
        if subject is None or not subject.registered or not region_covers(region, subject.region):
            message = "没有登记这个单位，或者不在调查的行政区划内"
            faults.append(Fault(f"/unified_codes/{position}", "body_not_here", message))
        else:
            bodies.append(SurveyedBody(code, subject.name))
    if faults:
        raise Invalid("有单位不能调查", faults=faults)
    return tuple(bodies)
