"""The words of charts in English, and a reader of tables."""

from hub.charts.words import Words
from hub.web.charttext import chart_words
from hub.web.languages import language

WORDS: Words = chart_words(language("en"))
