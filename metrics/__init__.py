"""Indicators of quality: facts out of providers' events, estimators, and figures that say how sure they are.

Pure: events and an instant go in, figures come out; nothing here reads a clock, a file of data or a network.
::

    events       what a provider reports about a case, one Event each        money        an amount in a currency
    amendments   duplicates and amendments settled: the events that count
    deadlines    set, moved, judged           defects      what is wrong with reported events, as codes that are counted
    facts        CaseFact: what is known of one case at one provider, by the freeze instant
    folding      events -> CaseFact                     casebook     a book for each concern of a case
    columns      facts as columns of numbers     details  what a case has several of
    filling      what is read from a fact into each column    names   codes of names
    pairing      both providers' records of a transfer compared and linked: a case counted once
    federation   columns of whole cases
    crosschecks  the register held against facts          quality      how far a provider's figures can be trusted
    rates        amounts in one currency                  recomputed   stated figures held against computed ones
    survival     Kaplan-Meier            competing   Aalen-Johansen          intervals   shares and counts
    groups       counts by group; what a test of equal groups found
    logrank      pace of all ends        gray        incidence of one outcome    cox  factors of covariates
    partial      the likelihood that cox makes largest
    definitions  the indicators as data (indicators.toml)
    figures      Figure: a value with its n, its interval and its status
    neutraltable active neutrals by field and language
    cohorts      columns -> days and ends  flows       what came, left and waits: P1 = P0 + I - R
    context      what figures need besides facts: answers, neutrals, the exchange
    tasks        what is asked for          indicators  the function of each indicator
    compute      definition + facts + request -> figures
    report       figures in words and as JSON
    methodology  docs/reference/indicators.md
    comparison   providers compared: limits, case mix, flags
    simulation   federations out of a seed, with what they hide
    samples      a seeded sample of events, shaped after published figures

The way through: ``folding.fold(events, freeze)``, then ``compute.compute_all(facts, request)``, then
``report.lines(figures)``. This file imports nothing.
"""
