from triage.judge import Judge
from triage.relevance import NOBODYS, OURS, not_relevant, our_own
from triage.verdict import Band, Lane


def test_a_mention_of_no_brand_is_muted_with_the_rule_named() -> None:
    verdict = not_relevant("v")
    assert (verdict.version, verdict.lane, verdict.muted_by) == ("v", Lane.MUTED, (NOBODYS,))
    assert [reason.about for reason in verdict.reasons] == ["lane"]


def test_our_own_post_is_recorded_but_never_a_case() -> None:
    loud = Judge().judge(["On hold for two hours, I will tell the ombudsman!"])[0]
    assert loud.lane is Lane.COMPLAINT
    ours = our_own(loud)
    assert (ours.lane, ours.vigilante, ours.muted_by) == (Lane.MUTED, Band.NO, (OURS,))
    assert ours.sentiment == loud.sentiment
    assert ours.reasons[0].text == "muted: the brand itself wrote it"
