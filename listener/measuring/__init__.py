"""`listener eval`: how good judging and grouping are on lines that people have labelled."""

from listener.measuring.gold import TASKS
from listener.measuring.report import Report, measure, measure_groups, measure_tiers

__all__ = ["TASKS", "Report", "measure", "measure_groups", "measure_tiers"]
