"""What judges and groups lines of a file: the same parts that triage uses on the store."""

from __future__ import annotations

from listener.grouping import Tools
from triage.embedding import StaticEmbedder
from triage.graph_clustering import GraphClusterer
from triage.judge import Judge
from triage.protocols import BrandContext


def tools(context: BrandContext) -> Tools:
    """New tools for one stream."""
    return Tools(Judge(context), StaticEmbedder(), GraphClusterer())
