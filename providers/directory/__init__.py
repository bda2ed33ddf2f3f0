"""A mirror of the hub's directory, which believes nothing that the hub has not signed.

``snapshot``  what a snapshot says, once it is verified by the chain of policies
``mirror``    fetches a snapshot, applies what changed, and holds the whole against the digest
``store``     the copy on disk, verified again each time it is opened
``commands``  ``odr-gateway directory``

This file imports nothing.
"""
