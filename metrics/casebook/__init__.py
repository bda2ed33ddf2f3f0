"""One case while its events are being read: a book for each concern, all kept by ``metrics.folding``.

::

    stages        in which stage the case is             stops        when the clock stands
    responses     whether the respondent answers         terms        what kind of case, fees, languages, slots
    appointments  neutrals in office                     awards       the award, its notification and publication
    courts        challenges of the award                performance  what was owed, and whether it was done

A book is told of the events that concern it, in the order in which they happened, and says at the end what became of
its concern. What it can't make sense of it adds to the case's ``defects``, which it is given. Deadlines have their
book in ``metrics.deadlines``. This file imports nothing.
"""
