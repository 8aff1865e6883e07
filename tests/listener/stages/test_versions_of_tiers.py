"""Changing the tier of a brand judges its stored posts again: their version is another one."""

from typing import cast

from listener.stages.judging_learnt import JudgingLearnt
from listener.store.protocol import Store
from triage.encoder import MODEL
from triage.judge import VERSION
from triage.protocols import BrandContext


def test_brands_with_an_encoder_have_a_version_of_their_own() -> None:
    brands = {"Acme": BrandContext("Acme", quality=True), "Other": BrandContext("Other")}
    judging = JudgingLearnt(cast(Store, None), brands)
    assert judging.versions() == {"Acme": f"{VERSION} {MODEL}"}
    judging.close()


def test_brands_that_weigh_vigilantes_in_their_own_way_have_a_version_of_their_own() -> None:
    brands = {"Acme": BrandContext("Acme", vigilante=(("press", 1),)), "Other": BrandContext()}
    judging = JudgingLearnt(cast(Store, None), brands)
    assert list(judging.versions()) == ["Acme"]
    assert judging.versions()["Acme"].startswith(f"{VERSION} vigilante-")
    judging.close()
