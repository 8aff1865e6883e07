from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.evaluation import classification, grouping, ranking

GOLD, PREDICTED = list("aabbbccccd"), list("abbbaccccc")
GROUPS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=1, max_size=60)


def test_classification_matches_scikit_learn() -> None:
    result = classification(GOLD, PREDICTED)
    assert result.count == 10
    assert result.accuracy == pytest.approx(0.7)
    assert result.macro_recall == pytest.approx(0.5416666666666666)
    assert result.macro_f1 == pytest.approx(0.5138888888888888)
    c = result.classes[2]
    assert (c.name, c.gold, c.predicted) == ("c", 4, 5)
    assert (c.precision, c.recall, c.f1) == pytest.approx((0.8, 1.0, 0.888889), abs=1e-6)
    d = result.classes[3]
    assert (d.precision, d.recall, d.f1) == (0.0, 0.0, 0.0)


def test_a_label_nobody_gave_is_listed_but_not_averaged() -> None:
    result = classification(["a", "b"], ["a", "unknown"])
    assert [score.name for score in result.classes] == ["a", "b", "unknown"]
    assert result.macro_recall == 0.5


def test_ranking_matches_scikit_learn_with_ties() -> None:
    gold = [True, False, True, True, False, False, True, False]
    result = ranking(gold, [0.9, 0.9, 0.8, 0.7, 0.7, 0.3, 0.2, 0.1])
    assert result.average_precision == pytest.approx(0.5845238095238094)
    assert result.roc_auc == pytest.approx(0.625)
    assert (result.count, result.positives) == (8, 4)


@pytest.mark.parametrize("gold", [[True, True], [False]])
def test_ranking_is_undefined_without_both_kinds(gold: list[bool]) -> None:
    result = ranking(gold, [0.5] * len(gold))
    assert result.average_precision is None
    assert result.roc_auc is None


def test_grouping_matches_scikit_learn() -> None:
    result = grouping([0, 0, 0, 1, 1, 1, 2, 2, 2, 2], [5, 5, 6, 6, 7, 7, 7, 8, 8, 8])
    assert result.ari == pytest.approx(0.3644067796610169)
    assert result.nmi == pytest.approx(0.6185727866539659)
    assert (result.gold_groups, result.groups) == (3, 4)


def test_crossed_groups_are_worse_than_chance() -> None:
    result = grouping([0, 0, 1, 1], [0, 1, 0, 1])
    assert result.ari == pytest.approx(-0.5)
    assert result.nmi == pytest.approx(0.0)
    assert result.bcubed_f1 == pytest.approx(0.5)


def test_bcubed_of_one_mixture() -> None:
    result = grouping(["x", "x", "x", "y"], [1, 1, 1, 1])
    assert result.bcubed_precision == pytest.approx((3 * 3 / 4 + 1 / 4) / 4)
    assert result.bcubed_recall == 1.0


def test_ungrouped_posts_stand_alone() -> None:
    assert grouping("aab", [0, 0, 0], ungrouped=0) == grouping("aab", [1, 2, 3])


@given(GROUPS)
def test_grouping_ignores_names_and_order(pairs: list[tuple[int, int]]) -> None:
    gold, predicted = zip(*pairs, strict=True)
    here = grouping(gold, predicted)
    there = grouping([f"g{g}" for g in reversed(gold)], [-p for p in reversed(predicted)])
    for name in ("ari", "nmi", "bcubed_precision", "bcubed_recall", "bcubed_f1"):
        assert math.isclose(getattr(here, name), getattr(there, name), abs_tol=1e-9)
    assert 0 < here.bcubed_f1 <= 1
    assert 0 <= here.nmi <= 1
    assert here.ari <= 1


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40))
def test_agreement_with_oneself_is_complete(names: list[int]) -> None:
    result = grouping(names, names)
    assert result.ari == pytest.approx(1)
    assert result.nmi == pytest.approx(1)
    assert result.bcubed_f1 == pytest.approx(1)
    labels = [str(name) for name in names]
    assert classification(labels, labels).macro_f1 == 1.0


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40))
def test_turning_a_ranking_round_turns_its_area_round(pairs: list[tuple[bool, int]]) -> None:
    gold, scores = [g for g, _ in pairs], [float(s) for _, s in pairs]
    here, there = ranking(gold, scores), ranking(gold, [-s for s in scores])
    if here.roc_auc is not None and there.roc_auc is not None:
        assert here.roc_auc + there.roc_auc == pytest.approx(1)


def test_unequal_or_empty_input_is_refused() -> None:
    with pytest.raises(ValueError, match="3 labels were given but 2 predicted"):
        grouping([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="no labelled line"):
        classification([], [])
    with pytest.raises(ValueError, match="finite"):
        ranking([True, False], [math.nan, 0.0])
