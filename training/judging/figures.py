"""The figures of lanes, of muting and of the golden posts, line by line of their tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from training.heads.sets import Row, Sets
from training.judging.golden import Golden, differences, golden
from triage.audit import sampled
from triage.evaluation import classification
from triage.judge import Judge
from triage.verdict import Band, Lane, Verdict
from triage.vigilante import by_person

if TYPE_CHECKING:
    from training.judging.left_out import Judged, LeftOut

GOLDEN = Path(__file__).parents[2] / "tests" / "golden"
AIRLINE, SUPPORT = "topics/airline_given", "streams/spotify_support_requests"
OF_REVIEW = {"BUG": "complaint", "FEATURE": "idea", "OTHER": "neither"}


def lanes(sets: Sets, left_out: LeftOut) -> Iterator[str]:
    """In which lane posts with a label go."""
    yield "| posts | by label | complaint | question | idea | praise | other | muted |"
    yield "|---|---|---|---|---|---|---|---|"
    posts, reviews = left_out.complaints(), left_out.reviews()
    tweets = judged(list(sets.read(AIRLINE)))
    for name, label, some in (
        ("ACL 2019, domain left out", "complaint", [v for r, v in posts if r["complaint"]]),
        ("", "no complaint, to a brand", [v for r, v in posts if _content(r)]),
        ("", "random", [v for r, v in posts if _drawn(r)]),
        ("app reviews, app left out", "fault", _of(reviews, "label", "BUG")),
        ("", "feature request", _of(reviews, "label", "FEATURE")),
        ("", "other", _of(reviews, "label", "OTHER")),
        ("airline tweets, never trained on", "negative", _of(tweets, "label", "negative")),
        ("", "neutral", _of(tweets, "label", "neutral")),
        ("", "positive", _of(tweets, "label", "positive")),
    ):
        shares = [f"{sum(v.lane is lane for v in some) / len(some):.1%}" for lane in Lane]
        yield f"| {name} | {label}, {len(some):,} | " + " | ".join(shares) + " |"
    yield ""
    gold = [str(bool(row["complaint"])) for row, _ in posts]
    said = [str(verdict.lane is Lane.COMPLAINT) for _, verdict in posts]
    yield f"Complaint or not by the lane, ACL 2019: macro F1 {classification(gold, said).macro_f1:.3f}."
    three = [(row, verdict) for row, verdict in reviews if row["label"] in OF_REVIEW]
    gold = [OF_REVIEW[str(row["label"])] for row, _ in three]
    said = [
        lane if (lane := v.lane.value) in ("complaint", "idea") else "neither" for _, v in three
    ]
    found = classification(gold, said).macro_f1
    yield f"Fault, idea or neither by the lane, {len(three):,} app reviews: macro F1 {found:.3f}."


def muting(sets: Sets, left_out: LeftOut) -> Iterator[str]:
    """What is muted, by what, and how much of it the audit sample shows."""
    yield "| posts | shown to be | muted | by rules | by the head |"
    yield "|---|---|---|---|---|"
    both = left_out.comments()
    comments = [(row, verdict) for row, verdict in both if "spam" in row]
    posts = [(row, verdict) for row, verdict in both if "complaint" in row]
    muted: Judged = list(both)
    for name, label, some in (
        ("video comments, video left out", "advertising", _of(comments, "spam", 1)),
        ("", "none", _of(comments, "spam", 0)),
        ("ACL 2019, a third left out", "complaint", _of(posts, "complaint", 1)),
        ("", "no complaint, to a brand", [v for r, v in posts if _content(r)]),
        ("", "random", [v for r, v in posts if _drawn(r)]),
    ):
        yield _muted(name, label, some)
    for what, name in (("airline tweets", AIRLINE), ("support posts", SUPPORT)):
        rows = [row for row in sets.read(name) if row.get("inbound", True) in (True, "True", "1")]
        found = judged(rows)
        muted += found
        yield _muted(f"{what}, never trained on", "any", [verdict for _, verdict in found])
    yield ""
    gold = [str(bool(row["spam"])) for row, _ in comments]
    said = [str(verdict.lane is Lane.MUTED) for _, verdict in comments]
    yield f"Advertising or not by what is muted: macro F1 {classification(gold, said).macro_f1:.3f}."
    hidden = [row for row, verdict in muted if verdict.lane is Lane.MUTED]
    drawn = sum(sampled("set", str(number)) for number in range(len(hidden)))
    yield f"Of these {len(hidden):,} muted posts the audit sample would offer {drawn:,} for review."


def bands() -> Iterator[str]:
    """How the judge agrees with the golden posts, by what they stand for."""
    yield "| golden posts | posts | lane agrees | band agrees | words found |"
    yield "|---|---|---|---|---|"
    judge = Judge()
    files = [golden(GOLDEN / name) for name in ("posts.toml", "kept_apart.toml")]
    for kind in dict.fromkeys(post.kind for post in files[0]):
        yield _agreement(kind, [p for posts in files for p in posts if p.kind == kind], judge)
    yield _agreement("**all the rules were written against**", files[0], judge)
    yield _agreement("**all kept apart**", files[1], judge)
    yield ""
    yield "| band, golden posts kept apart | judged likely | possible | no |"
    yield "|---|---|---|---|"
    for band in (Band.LIKELY, Band.POSSIBLE, Band.NO):
        posts = [post for post in files[1] if post.vigilante is band]
        said = Counter(verdict.vigilante for verdict in _of_persons(posts, judge))
        shown = " | ".join(str(said[one]) for one in (Band.LIKELY, Band.POSSIBLE, Band.NO))
        yield f"| {band.value}, {len(posts)} | {shown} |"


def judged(rows: Sequence[Row]) -> Judged:
    """Lines with the verdict of the judge as it is shipped."""
    verdicts = Judge().judge([str(row["text"]) for row in rows])
    return list(zip(rows, verdicts, strict=True))


def _of(some: Judged, field: str, value: object) -> list[Verdict]:
    return [verdict for row, verdict in some if row[field] == value]


def _drawn(row: Row) -> bool:
    return str(row["domain"]).startswith("random")


def _content(row: Row) -> bool:
    return not row["complaint"] and not _drawn(row)


def _muted(name: str, label: str, some: Sequence[Verdict]) -> str:
    muted = [verdict for verdict in some if verdict.lane is Lane.MUTED]
    head = sum("advert" in verdict.muted_by for verdict in muted)
    shares = (len(muted), len(muted) - head, head)
    return (
        f"| {name} | {label}, {len(some):,} | "
        + " | ".join(f"{share / len(some):.2%}" for share in shares)
        + " |"
    )


def _of_persons(posts: Sequence[Golden], judge: Judge) -> Iterable[Verdict]:
    verdicts = judge.judge([post.text for post in posts])
    return (by_person(v, post.person) for post, v in zip(posts, verdicts, strict=True))


def _agreement(kind: str, posts: Sequence[Golden], judge: Judge) -> str:
    wrong: Counter[str] = Counter()
    for post, verdict in zip(posts, _of_persons(posts, judge), strict=True):
        wrong.update(about for about, _ in differences(post, verdict))
    words = sum(len(post.words) + len(post.without) for post in posts)
    shares = [(len(posts) - wrong[about]) / len(posts) for about in ("lane", "vigilante")]
    found = f"{(words - wrong['words']) / words:.2f} of {words}" if words else "—"
    return f"| {kind} | {len(posts)} | {shares[0]:.2f} | {shares[1]:.2f} | {found} |"
