"""State keys of the exchange; those of the register are spelled in ``registry.state``."""

__all__ = ["events", "transfer", "transfer_key"]


def transfer(urn: str) -> str:
    """Key of a transfer: the stored form of ``providers.transfer.values.Transfer``."""
    return f"transfer/{urn}"


def transfer_key(x: str) -> str:
    """Key of the transfer that an X25519 key (base64url) was made for: {transfer}."""
    return f"transfer-key/{x}"


def events(provider: str, case: str) -> str:
    """Key of what a provider reported of a case, by pseudonym: {sequence} of the last event."""
    return f"events/{provider}/{case}"
