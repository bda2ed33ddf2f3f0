"""What officers do: their keys, and the drafts of what they decide.

``keys`` makes and opens key files, ``drafting`` composes drafts, ``pinning`` finds the policy that an officer
trusts, ``online`` asks a hub and holds its answers against that policy, ``commands`` is ``odr-hub officer``.
Officers sign on their own machines; nothing here needs the hub's data directory.
"""
