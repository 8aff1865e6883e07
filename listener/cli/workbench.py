"""What judges and groups lines of a file: the same parts that triage uses on the store."""

from __future__ import annotations

from listener.grouping import Tools
from triage.embedding import StaticEmbedder
from triage.encoder import PostEncoder
from triage.graph_clustering import GraphClusterer
from triage.judge import Judge
from triage.protocols import BrandContext
from triage.space import ENCODER


def tools(context: BrandContext) -> Tools:
    """New tools for one stream; the encoder's vectors where the context asks for quality.

    Raises EncoderMissingError when that is not installed.
    """
    if context.quality:
        encoder = PostEncoder()
        return Tools(Judge(context, encoder=encoder), encoder, GraphClusterer(ENCODER))
    return Tools(Judge(context), StaticEmbedder(), GraphClusterer())
