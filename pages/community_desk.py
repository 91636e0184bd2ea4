"""Community desk 社区受理台: accept in a minute, give to the right hand, pass up what the community cannot solve."""

from gridmap import terms
from gridmap.web import desks

desks.show(terms.say("Community desk"), "community")
