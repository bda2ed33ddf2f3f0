"""Federations out of a seed: what their providers report, what is registered, and the truth that nobody reports.

::

    setting     Setting: how many providers of which behaviour, how large, how different
    roster      the providers of one federation: behaviour, size, mix of cases, and how they really do
    draws       one quarter of one provider's cases, as columns
    stories     one case -> its events
    drawncolumns  draws -> the columns that their facts would be, without events
    federation  Federation: quarters of events and registered awards; what was planted
    turning     the same federation, whose outliers turn bad in the last quarter
    release     facts of a quarter -> comparisons and flags, as a release makes them

For tests and for ``python -m bench flags``. Only the shape is meant to be like the world; no number says anything
about a real provider. This file imports nothing.
"""
