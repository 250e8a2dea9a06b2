"""The made-up city (示例市): data from one seed, and a loader that submits it as agencies do."""

from __future__ import annotations

from collections.abc import Mapping

Clients = Mapping[str, Mapping[str, str]]
"""Name of a client -> its `client_id` and `client_secret` at the demo issuer."""


# Imports are late, so that `rows` (what the README uses) starts with the standard library alone.
def load_sample(*, base_url: str, token_url: str, clients: Clients) -> None:
    """Load the city through the API, as its agencies would. Safe to run again."""
    from infra.local.sample.loader import load

    load(base_url, token_url, clients)


def run_evaluation(*, base_url: str, token_url: str, clients: Clients) -> None:
    """Have the last full year evaluated, unless that has been done, and wait for the result."""
    from infra.local.sample.loader import evaluate

    evaluate(base_url, token_url, clients)
