"""Reports for people who were not in the room: a Word brief laid out as Chinese offices do, an Excel workbook.

``Brief`` says what is in one; ``word`` and ``excel`` write it; ``notice`` packs what a department is told; ``statement`` writes
indicators with their units and definitions. Pictures and
standalone maps come from ``gridmap.maps``.
"""

from gridmap.reports.content import Brief, Figure, Section, Table
from gridmap.reports.notices import Notice, notice
from gridmap.reports.sheets import excel
from gridmap.reports.statement import Line, Statement, statement
from gridmap.reports.word import word

__all__ = ["Brief", "Figure", "Line", "Notice", "Section", "Statement", "Table", "excel", "notice", "statement", "word"]
