"""Department desk 部门办理: cases given to a department, whistles that call it."""

from gridmap import terms
from gridmap.web import desks

desks.show(terms.say("Department desk"), "department")
