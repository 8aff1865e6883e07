"""The exports by name: which columns, and where their rows come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from listener.curves import Curve, curves
from listener.exports import columns
from listener.exports.belonging import belonging_rows
from listener.exports.cells import Cell, Column
from listener.exports.crowd import evangelist_rows, idea_rows
from listener.exports.wanted import Wanted
from listener.store.protocol import Store
from listener.store.rows import CaseRow, IssueRow, MentionRow

Row = Sequence[Cell]

_PAGE = 500


@dataclass(frozen=True, slots=True)
class ExportTable:
    """One export: `rows` yields cells in the order of `columns`."""

    name: str
    about: str
    columns: tuple[Column, ...]
    rows: Callable[[Store, Wanted], Iterable[Row]]


def _mention_rows(store: Store, wanted: Wanted) -> Iterator[Row]:
    """In order of posting, each mention once for every brand it was judged for."""
    return map(_mention, store.mentions(wanted.span))


def _mention(row: MentionRow) -> Row:
    said, verdict = row.mention, row.verdict
    head: Row = (
        row.id,
        row.brand,
        row.source,
        said.kind,
        said.external_id,
        said.created_at,
        row.seen_at,
        row.edited_at,
        row.deleted_at,
        said.author.id,
        said.author.handle,
        said.author.followers,
        said.url,
        said.title,
        said.text,
    )
    judged: Row = (said.lang, *(None,) * 9, (), (), ())
    if verdict is not None:
        judged = (
            verdict.lang,
            verdict.lane.value,
            verdict.complaint_p,
            verdict.complaint.value,
            verdict.severity,
            verdict.severity_band,
            verdict.sentiment.label,
            verdict.sentiment.compound,
            verdict.sentiment.service_compound,
            verdict.vigilante.value,
            tuple(dict.fromkeys(signal.name for signal in verdict.signals)),
            tuple(reason.text for reason in verdict.reasons),
            verdict.muted_by,
        )
    return (
        *head,
        *judged,
        row.issue,
        row.similarity,
        row.duplicate_of,
        said.thread.root,
        said.thread.parent,
        verdict.version if verdict is not None else None,
        said.sample,
        row.sources,
        row.folded,
    )


def _issue_rows(store: Store, wanted: Wanted) -> Iterator[Row]:
    """Most people first, then most mentions; held in memory to be put in order."""
    issues = list(store.all_issues(wanted.span))
    grouped: dict[str, int] = {}
    for issue in issues:
        grouped[issue.brand] = grouped.get(issue.brand, 0) + issue.mentions
    issues.sort(key=lambda issue: (-issue.people, -issue.mentions, issue.id))
    # An export has no clock: without an end its days count from the latest post.
    end = wanted.span.until or max((issue.last_seen for issue in issues), default=None)
    for start in range(0, len(issues), _PAGE):
        page = issues[start : start + _PAGE]
        drawn = curves(store, page, end) if end is not None else {}
        for issue in page:
            yield _issue(issue, grouped[issue.brand], drawn[issue.id])


def _issue(issue: IssueRow, grouped: int, curve: Curve) -> Row:
    return (
        issue.id,
        issue.brand,
        issue.title,
        issue.titled_by,
        issue.phrases,
        issue.lane,
        issue.state,
        issue.mentions,
        issue.people,
        round(issue.mentions / grouped, 6) if grouped else 0.0,
        issue.open_cases,
        issue.first_seen,
        issue.last_seen,
        issue.sources,
        issue.example,
        issue.fixed_at,
        issue.fix_note,
        issue.life,
        tuple(map(str, curve.posts)),
        curve.trend.words,
    )


def _case_rows(store: Store, wanted: Wanted) -> Iterator[Row]:
    """In order of opening."""
    return map(_case, store.all_cases(wanted.span))


def _case(case: CaseRow) -> Row:
    return (
        case.id,
        case.brand,
        case.mention,
        case.lane,
        case.state,
        case.resolution,
        case.priority,
        case.manual_priority,
        case.severity_band,
        case.vigilante,
        case.owner,
        case.opened_at,
        case.due_at,
        case.snooze_until,
        case.issue,
        case.issue_title,
        case.posts,
        case.source,
        case.kind,
        case.author,
        case.url,
        case.title,
        case.text,
        case.lang,
        tuple(f"{part.points:+d} {part.reason}" for part in case.reasons),
        case.sample,
        case.sources,
        case.folded,
        case.labels,
        case.wakes_on,
    )


def _loop_rows(store: Store, wanted: Wanted) -> Iterator[Row]:
    """Issue by issue, everybody who complained about it."""
    for issue in store.all_issues(wanted.span):
        for person in store.loop(issue.id):
            yield (
                issue.id,
                issue.brand,
                issue.title,
                issue.state,
                person.kind,
                person.author_id,
                person.handle,
                person.mention,
                person.url,
                person.first_at,
                person.posts,
                person.status,
                person.told_at,
            )


TABLES: dict[str, ExportTable] = {
    table.name: table
    for table in (
        ExportTable(
            "mentions",
            "Every mention with its verdict, in order of posting.",
            columns.MENTIONS,
            _mention_rows,
        ),
        ExportTable(
            "issues",
            "Issues that have a mention in the span, most people first.",
            columns.ISSUES,
            _issue_rows,
        ),
        ExportTable(
            "cases", "Cases opened in the span, in order of opening.", columns.CASES, _case_rows
        ),
        ExportTable(
            "loop",
            "For every issue in the span everyone who complained, and whether they were told.",
            columns.LOOP,
            _loop_rows,
        ),
        ExportTable(
            "evangelists",
            "People who answer other people's complaints and questions, most people helped first.",
            columns.EVANGELISTS,
            evangelist_rows,
        ),
        ExportTable(
            "ideas",
            "Ideas, one row per issue, most people first.",
            columns.IDEAS,
            idea_rows,
        ),
        ExportTable(
            "belonging",
            "For every mention in an issue why it is there: what it is tied to, and by which words.",
            columns.BELONGING,
            belonging_rows,
        ),
    )
}
