"""Enquiries: an officer asks a provider why its figures differ, or why the register knows what it does not report."""

__all__: list[str] = []
