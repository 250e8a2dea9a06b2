"""CloudFormation's lifecycle rules in the words of the S3 API."""

from __future__ import annotations

from typing import Any

SAME = ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
KNOWN = {"Id", "Status", "Prefix", "ExpirationInDays", "ExpiredObjectDeleteMarker", *SAME}


def api_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """One rule for the API. Raises KeyError for a setting not known here."""
    unknown = set(rule) - KNOWN
    if unknown:
        raise KeyError(f"lifecycle settings not translated: {sorted(unknown)}")
    prefix = {"Prefix": rule.get("Prefix", "")}
    applied: dict[str, Any] = {"ID": rule["Id"], "Status": rule["Status"], "Filter": prefix}
    if "ExpirationInDays" in rule:
        applied["Expiration"] = {"Days": rule["ExpirationInDays"]}
    if "ExpiredObjectDeleteMarker" in rule:
        applied["Expiration"] = {"ExpiredObjectDeleteMarker": rule["ExpiredObjectDeleteMarker"]}
    return {**applied, **{name: rule[name] for name in SAME if name in rule}}
