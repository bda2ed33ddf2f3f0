"""What follows the log without being asked by rules: transfers and inboxes, case events, the directory.

``projection``  from registered statements to rows; pure
``follower``    takes the log in, piece by piece
``directory``   the same for members and neutrals, version by version
``wiring``      opens what follows the directory with the application
``arrivals``    who waits for something new in its inbox

This file imports nothing.
"""
