"""What officers do: their keys, and the drafts of what they decide.

``keys`` makes and opens key files, ``drafting`` composes drafts, ``commands`` is ``odr-hub officer``.
Officers sign on their own machines; nothing here needs the hub's data directory.
"""
