"""Comparing providers fairly: limits, overdispersion, case mix, many looks at once; and what may be said of it.

::

    observed         Rate, MatureCohort, Observed: what may enter a comparison
    judgements       Comparison, Judgement, Change: what comes out; no order by value, no sum over indicators
    policy           compare: one indicator, one period, many providers
    flagging         flags: which differences may be called "for enquiry", and which publicly
    standardise      expected numbers by strata, the provider itself left out
    scales           where results are about normal         limits          of prediction, exact
    overdispersion   variance between providers             multiplicity    many comparisons at once
    shrinkage        small providers drawn to the middle    ranks           intervals, never single ones
    association      does a result go with volume?          cusum           alarm between releases

The way through: counts by ``standardise`` or ``Rate``, ``policy.compare`` for each indicator, ``flagging.flags`` over
all of them. This file imports nothing.
"""
