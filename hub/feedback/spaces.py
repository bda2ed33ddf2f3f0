"""The state keys of registered answers."""

__all__ = ["answered"]


def answered(source: str, provider: str, case: str, role: str) -> str:
    """Key of a slot whose answer of this source is registered: {index} of its entry.

    Each source has keys of its own: whether a provider may relay an answer must not tell it what the party did.
    """
    return f"feedback/{source}/{provider}/{case}/{role}"
