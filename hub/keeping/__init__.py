"""Keeping the log: what an operator does so that neither a lost disk nor a lost hub loses it.

``export``       static tiles of the log for mirrors and for readers of another day; ``objectstore`` is where they go,
                 ``directorystore`` and ``s3store`` are the two places
``backup``       one encrypted file of everything; ``archive`` and ``manifest`` are its form
``restore``      that file becomes a data directory again, or is only tried
``deletions``    what was deleted since, so that a restored backup does not bring it back
``missing``      the entries that a restored old backup lacks, from an export or a mirror; ``shownheads`` up to where
``offered``      the statements that members and officers bring back
``completing``   those entries with their statements, appended again as they were; ``replaying`` decides each,
                 ``settling`` says which policies count, ``fetched`` is what is kept meanwhile
``commands``     what ``odr-hub`` offers of this; ``operating`` opens what they need

This file imports nothing.
"""
