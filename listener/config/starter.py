"""The first config.yaml of a brand: commented, valid, with the sources that need no key."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from urllib.parse import quote_plus

from triage.query import Query, QueryError

STARTER = """\
# What the listener listens for, and where. Every setting: docs/configuration.md
# After a change: listener check

store: sqlite:///listener.db        # everything is kept in this file

brands:
  - name: {name}
    # Which posts are about you: AND OR NOT, "phrases", NEAR/3, @handle, #tag, from:, site:, lang:
    query: {query}
    # Your own accounts, so that your own posts never become cases.
    # handles: {{mastodon: "@you@mastodon.example", reddit: u/you}}
    # The languages your customers write; all known ones without this line.
    # languages: [en, es]
    # Customers whose cases move up.
    # groups: [{{name: vip, people: ["mastodon:@ann@example.social"], points: 8}}]

# Where mentions come from. None of these needs a key: take away the # in front of those you want.
# All types and their settings: listener sources describe
sources:
  # Any search engine, forum or blog that offers a feed of results works as a source.
  # - {{name: news, type: rss, url: "https://news.google.com/rss/search?q={search}", every: 15m}}
  # - {{name: forum, type: rss, url: "https://forum.example/search.rss?q={search}", every: 10m}}
  # Posts you have as files: JSON lines, CSV, or Customer Support on Twitter.
  # - {{name: archive, type: files, paths: [posts.jsonl]}}
  # A fictional bank with 600 posts, to look around.
  # - {{name: sample, type: sample}}

# How soon a person gets an answer, in your working hours.
queue:
  promise: {{severe: 1h, complaint: 4h, question: 8h}}
  # hours: {{tz: Europe/London, mon-fri: "08:00-20:00", sat: "10:00-14:00"}}
  lease: 20m                        # a claimed case comes back after so long without a move

replies: {{approval: lead, dry_run: true}}   # nothing is sent while dry_run is true
retention: {{text: 365d, verify: [1h, 24h, 7d]}}
web: {{host: 127.0.0.1, port: 8080}}
"""


def starter(brand: str) -> str:
    """The text of a first configuration for a brand, whatever characters its name has."""
    query = _query(brand)
    return STARTER.format(name=_quoted(brand), query=_quoted(query), search=quote_plus(query))


def _query(brand: str) -> str:
    """The name as a phrase, without the characters that mean something else in a query."""
    bare = brand.replace('"', " ")
    for name in (bare, re.sub(r"\W+", " ", bare)):
        phrase = " ".join(name.split())
        if phrase:
            with suppress(QueryError):
                Query.parse(f'"{phrase}"')
                return f'"{phrase}"'
    return ""


def _quoted(text: str) -> str:
    """Write a text as a YAML scalar that reads back as itself: `${` is no variable in it."""
    escaped = text.replace("${", "$${")
    if escaped.isprintable():
        return "'" + escaped.replace("'", "''") + "'"
    return json.dumps(escaped)
