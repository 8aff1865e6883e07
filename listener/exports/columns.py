"""The columns of every export, in order; documented in docs/exports.md, which a test compares.

A name never changes its meaning; new columns are added at the end.
"""

from __future__ import annotations

from listener.exports.cells import Column, Kind

TEXT, INTEGER, NUMBER = Kind.TEXT, Kind.INTEGER, Kind.NUMBER
FLAG, TIME, TEXTS = Kind.FLAG, Kind.TIME, Kind.TEXTS

MENTIONS = (
    Column("id", INTEGER, "our number of the mention"),
    Column("brand", TEXT, "the brand it was judged for; empty when no brand's query matched"),
    Column("source", TEXT, "the configured source that brought it first"),
    Column("kind", TEXT, "the platform"),
    Column("external_id", TEXT, "the platform's id; unique together with `kind`"),
    Column("created_at", TIME, "when it was posted"),
    Column("seen_at", TIME, "when we first saw it"),
    Column("edited_at", TIME, "when we last saw another text"),
    Column("deleted_at", TIME, "when it was found deleted; its text is then gone"),
    Column("author_id", TEXT, "the platform's id of the author"),
    Column("author", TEXT, "the author's handle"),
    Column("followers", INTEGER, "the author's followers, where the platform tells"),
    Column("url", TEXT, "where it stands"),
    Column("title", TEXT, "its title, where it has one"),
    Column("text", TEXT, "what was said"),
    Column("lang", TEXT, "the language it was read in"),
    Column("lane", TEXT, "complaint, question, idea, praise, other or muted"),
    Column("complaint_p", NUMBER, "how surely it is a complaint, 0…1"),
    Column("complaint", TEXT, "the same in words: likely, possible, no"),
    Column("severity", NUMBER, "expected severity, 0…4"),
    Column("severity_band", TEXT, "the same in words"),
    Column("sentiment", TEXT, "negative, neutral, positive or unknown"),
    Column("compound", NUMBER, "vaderSentiment's own compound, -1…1"),
    Column("service_compound", NUMBER, "the customer-service reading, -1…1"),
    Column("vigilante", TEXT, "likely, possible or no"),
    Column("signals", TEXTS, "names of the signals found, each once"),
    Column("reasons", TEXTS, "the decisions in words"),
    Column("muted_by", TEXTS, "the rules that muted it"),
    Column("issue", INTEGER, "the issue it belongs to"),
    Column("similarity", NUMBER, "how close it is to what it joined, 0…1"),
    Column("duplicate_of", INTEGER, "the mention it repeats almost word for word"),
    Column("thread_root", TEXT, "external id of the post that opened the conversation"),
    Column("thread_parent", TEXT, "external id of the post it answers"),
    Column("version", TEXT, "the version of what judged it"),
    Column("sample", FLAG, "true for invented sample posts"),
    Column("sources", TEXTS, "all configured sources that brought it, the first in front"),
    Column("copies", INTEGER, "the brand's other mentions that repeat it"),
)

ISSUES = (
    Column("id", INTEGER, "the issue"),
    Column("brand", TEXT, "its brand"),
    Column("title", TEXT, "its name"),
    Column("titled_by", TEXT, "who named it; empty when the name was computed"),
    Column("phrases", TEXTS, "what sets it apart from other issues"),
    Column("lane", TEXT, "the lane of most of its mentions"),
    Column("state", TEXT, "open, fixed or closed"),
    Column("mentions", INTEGER, "its mentions in the span"),
    Column("people", INTEGER, "distinct people among them"),
    Column("share", NUMBER, "its part of the brand's grouped mentions in the span, 0…1"),
    Column("open_cases", INTEGER, "cases that still wait for an answer"),
    Column("first_seen", TIME, "its first mention"),
    Column("last_seen", TIME, "its latest mention"),
    Column("sources", TEXTS, "where it was heard"),
    Column("example", TEXT, "its most central post"),
    Column("fixed_at", TIME, "when it was marked fixed"),
    Column("fix_note", TEXT, "what was said about the fix"),
    Column("life", TEXT, "new, growing, known, fixed, back or closed"),
    Column("curve", TEXTS, "its posts on each of the 28 days before the end of the span"),
    Column("trend", TEXT, "people of the latest days against as many before: `+50 %`"),
)

CASES = (
    Column("id", INTEGER, "the case"),
    Column("brand", TEXT, "its brand"),
    Column("mention", INTEGER, "the mention that opened it"),
    Column("lane", TEXT, "its lane"),
    Column("state", TEXT, "where its work stands"),
    Column("resolution", TEXT, "how it ended"),
    Column("priority", INTEGER, "its priority; the parts add up to it"),
    Column("manual_priority", INTEGER, "a priority set by hand"),
    Column("severity_band", TEXT, "how bad it is, in words"),
    Column("vigilante", TEXT, "likely, possible or no"),
    Column("owner", TEXT, "who has claimed it or was assigned"),
    Column("opened_at", TIME, "when it was opened"),
    Column("due_at", TIME, "when an answer was promised"),
    Column("snooze_until", TIME, "until when it sleeps"),
    Column("issue", INTEGER, "its issue"),
    Column("issue_title", TEXT, "the issue's name"),
    Column("posts", INTEGER, "mentions in the case"),
    Column("source", TEXT, "the configured source"),
    Column("kind", TEXT, "the platform"),
    Column("author", TEXT, "who complains"),
    Column("url", TEXT, "where it stands"),
    Column("title", TEXT, "the post's title"),
    Column("text", TEXT, "the post's text"),
    Column("lang", TEXT, "its language"),
    Column("reasons", TEXTS, "the parts of the priority, as `+12 sentence`"),
    Column("sample", FLAG, "true for invented sample posts"),
    Column("sources", TEXTS, "all configured sources that brought the post"),
    Column("copies", INTEGER, "other mentions that repeat the post"),
)

LOOP = (
    Column("issue", INTEGER, "the issue"),
    Column("brand", TEXT, "its brand"),
    Column("issue_title", TEXT, "its name"),
    Column("issue_state", TEXT, "open, fixed or closed"),
    Column("kind", TEXT, "the platform of the person"),
    Column("author_id", TEXT, "the platform's id of the person; empty once erased"),
    Column("author", TEXT, "the person's handle"),
    Column("mention", INTEGER, "their first mention of it"),
    Column("url", TEXT, "where that stands"),
    Column("first_at", TIME, "when they first complained"),
    Column("posts", INTEGER, "how often they did"),
    Column("status", TEXT, "told, untold, unreachable or erased"),
    Column("told_at", TIME, "when they were told"),
)

EVANGELISTS = (
    Column("brand", TEXT, "the brand"),
    Column("kind", TEXT, "the platform"),
    Column("author_id", TEXT, "the platform's id of the person"),
    Column("author", TEXT, "the person's handle"),
    Column("helped", INTEGER, "distinct people answered"),
    Column("answers", INTEGER, "answers given"),
    Column("first_at", TIME, "the first answer in the span"),
    Column("last_at", TIME, "the latest answer in the span"),
    Column("example_url", TEXT, "where the latest answer stands"),
    Column("example", TEXT, "the latest answer"),
    Column("sample", FLAG, "true for invented sample people"),
)

IDEAS = (
    Column("issue", INTEGER, "the issue its posts were grouped into; empty when in none"),
    Column("brand", TEXT, "the brand"),
    Column("title", TEXT, "the issue's name"),
    Column("people", INTEGER, "distinct people who posted the idea"),
    Column("posts", INTEGER, "posts in the lane idea"),
    Column("first_at", TIME, "the first of them"),
    Column("last_at", TIME, "the latest of them"),
    Column("example_url", TEXT, "where the latest stands"),
    Column("example", TEXT, "the latest post"),
    Column("sample", FLAG, "true when all its posts are invented"),
)
