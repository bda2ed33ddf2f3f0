"""What this machine can do, and what the hub makes of it: every figure beside a raw limit of the same run.

``python -m bench`` runs all rows, ``python -m bench registration`` one of them. Nothing here decides
whether a test passes; numbers move with the machine, ratios to a limit much less.
"""
