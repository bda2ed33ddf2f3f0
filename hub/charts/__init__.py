"""Charts as SVG that needs no script: readable in print, in the dark, on a phone, and by somebody who sees no colours.

::

    values (funnel | caterpillar | steps | stacked | trend), refused where they would mislead
        + words in the reader's language
        > figure: a wide and a narrow drawing of the same values, and their table

Invariants: equal values and words give equal bytes. Every mark lies inside the plot, every text inside the drawing.
Text is level and at least 12 pixels high where the style sheet is used. Shape, pattern or dash always says what
colour says. Nothing that a caller gives can become markup. There is no second axis, and no order by value
without intervals of ranks.

Modules: ``words`` (fixed texts and numbers) · ``levels`` (what a mark says) · ``checks`` (what no chart may show) ·
``svg`` (elements) · ``scales`` (values to places, ticks) · ``lettering`` (lines of text and where labels go) ·
``marks`` (shapes, dashes, patterns) · ``frame`` (key, axes and plot) · ``funnel``, ``caterpillar``, ``steps``,
``stacked``, ``trend`` (one chart each) · ``tables`` · ``figure`` (drawings and table together) · ``standalone`` (a
drawing as a file of its own). The colours are in ``hub/web/static/style.css``. This file imports nothing.
"""
