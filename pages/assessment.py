"""Assessment 双向考核: district scores streets, streets score departments; the indicators stand beside as evidence."""

from gridmap import terms
from gridmap.web import figures, messages, scoring

figures.place(terms.say("Two-way assessment"))
with messages.catching():
    scoring.show()
