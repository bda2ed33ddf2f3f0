"""Applications for membership: received, tested, shown to officers, ended. Nothing of it is logged.

``receiving`` judges what is posted, ``testing`` makes the challenge and judges the answer, ``flags`` says
what to look at twice, ``service`` keeps the states, ``wiring`` opens it all.
"""
