"""A witness: it remembers the largest tree of each log it watches and cosigns nothing inconsistent with it.

A mirror is a witness that stores every entry before: ``mirror`` decides, ``mirrored`` keeps the files, ``fetching``
gets them, ``checking`` recomputes them.

``submission`` is what a log sends; ``service`` decides about it; ``store`` remembers, durably and in one
transaction with the decision; ``config`` makes and opens a witness's directory; ``app`` answers over HTTP (C2SP
tlog-witness); ``commands`` is ``odr-gateway witness``.
"""
