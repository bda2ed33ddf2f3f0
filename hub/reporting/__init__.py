"""Quality reports: what a provider says of itself for a period, beside what its events say.

``spaces``       the state key            ``errors``  refusals
``rules``        who may report on what   ``effects`` what follows, and how it folds      ``book``  both together
``recomputing``  a report held against the events on the log

This file imports nothing.
"""
