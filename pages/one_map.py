"""One map 一张图: the district, drilled down by click, with what happens in it."""

from gridmap import terms
from gridmap.web import chrome, messages

chrome.title(terms.say("One map"))
messages.empty(
    terms.say("There are no data yet."),
    terms.say("Make the demo district with “gridmap demo”, or load your own files; then open this page again."),
)
