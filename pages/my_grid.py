"""My grid today 我的网格: what is in a grid worker's hands, what was done today, the people of the grid."""

from gridmap import terms
from gridmap.web import desks, duty_views, messages

hand = desks.show(terms.say("My grid today"), "worker")
with messages.catching():
    duty_views.today(hand)
