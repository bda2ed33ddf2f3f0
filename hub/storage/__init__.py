"""Tables and their rows; what leaves this package are domain values.

``models`` declares the tables, ``engine`` opens the database and its units of work, ``schema`` brings it
to this program's version and refuses another one. ``log_store`` is what the sequencer writes through,
``log_reads`` what receipts and tiles are served from, ``directory`` answers who is registered,
``audit`` streams everything for ``fsck`` and ``rebuild``, ``nonces`` remembers HTTP signatures.
"""
