"""Applying for membership: what is posted, and the exchange that shows that a gateway can do what a member must.

``form`` is the posted application, ``selftest`` the challenge and its answer, ``client`` asks the hub. The hub reads
the same forms; nothing here decides.
"""
