"""What follows the log without being asked by rules: transfers and inboxes, case events and facts, the directory.

``projection``  from registered statements to rows; pure
``casefacts``   facts of the cases that a piece tells of, folded again
``refolding``   every fact held against its events
``follower``    takes the log in, piece by piece
``directory``   the same for members and neutrals, version by version
``wiring``      opens what follows the directory with the application
``arrivals``    who waits for something new in its inbox

This file imports nothing.
"""
