"""Comparing providers fairly: limits, overdispersion, case mix, many looks at once; and what may be said of it.

::

    observed         Rate, MatureCohort, Observed: what may enter a comparison
    quantity         a number without an order
    judgements       Comparison, Judgement, Change: what comes out; no order by value, no sum over indicators
    policy           compare: one indicator, one period, many providers
    flags, flagging  which differences are for enquiry, and which of them may be public
    casemix          cases -> what enters a comparison
    standardise      expected numbers by strata, the provider itself left out
    scales           where results are about normal         limits          of prediction, exact
    overdispersion   variance between providers             multiplicity    many comparisons at once
    shrinkage        small providers drawn to the middle    ranks           intervals, never single ones
    association      does a result go with volume?          cusum           the sum that an alarm rests on
    alarms           what has turned worse between releases, for supervision alone

The way through: ``casemix.observe``, ``policy.compare`` for each indicator, ``flagging.flags`` over
all of them. This file imports nothing.
"""
