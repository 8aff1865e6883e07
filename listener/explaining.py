"""Why a post was judged as it was: asked for when somebody wants to know, by the brand's own judge."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from listener.conversation import first_mention

if TYPE_CHECKING:
    from listener.config.model import BrandConfig, Config
    from listener.store.rows import CaseFile
    from triage.explanation import Explained
    from triage.judge import Judge

KEPT = 64  # explanations; a page that shows one is asked for again and again while others work


class Explainer:
    """Explains verdicts, with a judge kept for each brand. Any thread may ask; one waits for another.

    Nothing is loaded before the first question: a judge takes half a second, an answer a tenth.
    """

    def __init__(self, config: Config) -> None:
        """For the brands of a configuration."""
        self._config = config
        self._judges: dict[str, Judge] = {}
        self._kept: OrderedDict[tuple[str, str, str], Explained] = OrderedDict()
        self._lock = Lock()

    def case(self, file: CaseFile) -> Explained | None:
        """The parts of the verdict on a case's first post.

        None when there is nothing to explain: no verdict, a text its author has deleted, a brand
        that is configured no more, or a verdict of an older judge, whose parts nobody knows. Where
        corrections moved the verdict, these are the parts of what they moved: its version is the
        judge's own then.
        """
        first = first_mention(file)
        brand = next((one for one in self._config.brands if one.name == file.case.brand), None)
        if first is None or first.verdict is None or first.deleted_at is not None or brand is None:
            return None
        with self._lock:
            judge = self._judge(brand)
            if first.verdict.version.split("+")[0] != judge.version:
                return None
            key = brand.name, first.verdict.lang, first.mention.full_text
            if key not in self._kept:
                self._kept[key] = judge.explain(first.mention.full_text, first.verdict.lang)
                if len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def _judge(self, brand: BrandConfig) -> Judge:
        from listener.stages.brand import BrandRoom
        from triage.judge import Judge

        if brand.name not in self._judges:
            self._judges[brand.name] = Judge(BrandRoom(brand).context)
        return self._judges[brand.name]


def explained_case(config: Config, file: CaseFile) -> Explained | None:
    """The same, once."""
    return Explainer(config).case(file)
