"""What the hub does by itself, again and again.

``schedule``       when; a timer and nothing else
``expiry``         evidence that a deadline has passed
``registering``    answers of parties, week by week
``refusedanswers`` those of them that the rules refuse; ``commands`` has them tried again
``ownstatements``  how the hub says something on the log; for both
``retention``      what is deleted in time

What is due is computed from tables, the log's head and the clock each time, so a job that did not run, ran twice or
was killed half-way loses nothing. This file imports nothing.
"""
