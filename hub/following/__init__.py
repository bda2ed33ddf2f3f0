"""What follows the log without being asked by rules: transfers as members see them, inboxes, case events.

``projection``  from registered statements to rows; pure
``follower``    the one task that takes the log in, piece by piece
``arrivals``    who waits for something new in its inbox

This file imports nothing.
"""
