"""What a deployment may set, read once from the environment when first needed, never at import."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields

from chalicelib.kernel.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Settings:
    """One field per environment variable (its name in capitals); see infra/README.md."""

    stage: str
    """`local` for the run on one machine, anything else for a deployment."""
    records_table: str = ""
    intake_table: str = ""
    access_table: str = ""
    audit_table: str = ""
    registers_table: str = ""
    cases_table: str = ""
    evaluation_table: str = ""
    public_table: str = ""
    keys_table: str = ""
    limits_table: str = ""
    measures_table: str = ""
    checks_table: str = ""
    monitoring_table: str = ""
    archive_bucket: str = ""
    inbox_bucket: str = ""
    work_bucket: str = ""
    publication_bucket: str = ""
    intake_queue: str = ""
    accounts_queue: str = ""
    cases_queue: str = ""
    disclosure_queue: str = ""
    evaluation_queue: str = ""
    sequencer_queue: str = ""
    snapshots_queue: str = ""
    measures_queue: str = ""
    checks_queue: str = ""
    monitoring_queue: str = ""
    sealing_key_id: str = ""
    """The KMS key that seals the keyring."""
    log_key_id: str = ""
    """The KMS key that seals the key the log is signed with."""
    log_origin: str = ""
    """The name of the log, which is also that of its key."""
    oidc_issuer: str = ""
    """The `iss` a bearer token must carry."""
    oidc_jwks_url: str = ""
    """Where the issuer's keys are; empty: found through the issuer's discovery document."""
    oidc_audience: str = ""
    """The `aud` a token must carry; empty: Cognito's `token_use=access` and a registered client."""
    policy_dir: str = ""
    """Where compiled packs are; empty: the ones packaged with the code."""
    max_body_bytes: int = 4_194_304
    """The largest request body taken, in bytes."""
    write_threads: int = 8
    """How many conditional writes of one submission are under way at once."""
    leads_per_address: int = 20
    """How many leads one address may open in a day."""
    lead_messages_per_address: int = 60
    """How many messages about its leads one address may send in a day."""
    wrong_codes_per_address: int = 30
    """After how many wrong receipt codes in a day an address is told to stop."""
    trusted_proxies: int = 0
    """How many proxies of our own stand before the gateway; each adds itself to
    X-Forwarded-For."""
    webhook_hosts: str = ""
    """Patterns of hosts that changes may be delivered to, apart by spaces; empty: to none."""
    log_level: str = "INFO"
    """The least grave lines that are written: DEBUG, INFO, WARNING or ERROR."""


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises Misconfigured for a missing or unreadable value."""
    source = os.environ if environment is None else environment
    texts: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for field in fields(Settings):
        name = field.name.upper()
        text = source.get(name, "").strip()
        if not text:
            if field.default is MISSING:
                raise Misconfigured(f"缺少环境变量 {name}")
        elif not isinstance(field.default, int):
            texts[field.name] = text
        elif text.isdigit():
            numbers[field.name] = int(text)
        else:
            raise Misconfigured(f"环境变量 {name} 必须是整数")
    build: Callable[..., Settings] = Settings
    return build(**texts, **numbers)
