"""The exchange of a gateway: cases leave and arrive here (``odr-gateway serve``).

What a gateway will say is stored before it is said, and what it does follows from what is stored, so that it
can be killed anywhere and goes on. It acts on statements that it verified, in the log's order.

``settings``    how the service runs
``values``      what is known of a case, a transfer, and something to be sent
``tables``, ``store``   the one SQLite file
``casebook``    cases on disk
``composing``   what an offer, a brief, an answer say
``feedback``    slots of the questionnaire, and the links for the parties
``plan``        what to do next: pure
``follow``      what the log has made of a transfer: pure
``peers``       whose keys are whose, verified
``retry``       when to try again
``outbox``      signs, posts and uploads what is to be sent
``sender``, ``recipient``   the steps of each side
``takingback``  whether an offer that is taken back is in the log
``engine``      the loops
``health``      what is wrong
``app``, ``routes``, ``feedbackroutes``, ``problems``   the local REST interface
``serving``     runs it all

This file imports nothing.
"""
