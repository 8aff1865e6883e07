"""What analysts take away: tables with stable columns, as CSV, JSON lines or Parquet.

A row is read, written and forgotten: memory does not grow with the number of mentions or cases.
What is summed up per issue or person first (`issues`, `evangelists`, `ideas`) grows with those.
"""

from __future__ import annotations

from listener.exports.cells import Cell, Column, Kind
from listener.exports.tables import TABLES, ExportTable
from listener.exports.wanted import Wanted
from listener.exports.writers import FORMATS, export

__all__ = ["FORMATS", "TABLES", "Cell", "Column", "ExportTable", "Kind", "Wanted", "export"]
