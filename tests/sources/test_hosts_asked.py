"""The settings say whom a source will ask, without asking."""

from __future__ import annotations

import pytest

from listener.plugins import load_plugins
from sources.appstore import source as appstore
from sources.bluesky import source as bluesky
from sources.hackernews import source as hackernews
from sources.http.link import host_of
from sources.reddit import client as reddit
from sources.stackexchange import source as stackexchange
from sources.youtube import source as youtube

SETTINGS = load_plugins().source_settings()
KEYS = {"client_id": "id", "client_secret": "secret"}


@pytest.mark.parametrize(
    ("kind", "settings", "hosts"),
    [
        ("rss", {"url": "https://Blog.Example/feed"}, ("blog.example",)),
        ("rss", {"url": "https://a.example/f", "base_url": "https://b.example/x"}, ("b.example",)),
        ("reddit", {"subreddits": ["banking"], **KEYS}, (host_of(reddit.OAUTH),)),
        ("reddit", {"subreddits": ["banking"], "mode": "rss"}, (host_of(reddit.PUBLIC),)),
        (
            "reddit",
            {"subreddits": ["banking"], "mode": "rss", "base_url": "https://proxy.example"},
            ("proxy.example",),
        ),
        ("x", {"query": "acme", "bearer_token": "t"}, ("api.twitter.com",)),
        ("hackernews", {"search": ["acme"]}, (host_of(hackernews.SEARCH),)),
        ("youtube", {"api_key": "k", "videos": ["dQw4w9WgXcQ"]}, (host_of(youtube.HOME),)),
        ("stackexchange", {"query": "acme"}, (host_of(stackexchange.HOME),)),
        ("appstore", {"app": "284882215"}, (host_of(appstore.HOME),)),
        ("lemmy", {"url": "https://lemmy.example"}, ("lemmy.example",)),
        ("discourse", {"url": "https://forum.example"}, ("forum.example",)),
        ("bluesky", {"terms": ["acme"]}, ()),
        (
            "bluesky",
            {"terms": ["acme"], "mode": "search", "handle": "a.example", "app_password": "p"},
            (host_of(bluesky.SERVER),),
        ),
        (
            "mastodon",
            {"instances": ["A.example", "https://b.example"], "hashtags": ["acme"]},
            ("a.example", "b.example"),
        ),
        (
            "mastodon",
            {"instances": ["a.example"], "hashtags": ["acme"], "base_url": "https://p.example"},
            ("p.example",),
        ),
        (
            "imap",
            {"host": "Mail.example", "username": "u", "password": "p"},
            ("mail.example",),
        ),
        ("webhook", {"secrets": ["whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"]}, ()),
        ("files", {"paths": ["posts.jsonl"]}, ()),
        ("sample", {}, ()),
    ],
)
def test_every_type_names_the_hosts_it_asks(
    kind: str, settings: dict[str, object], hosts: tuple[str, ...]
) -> None:
    own = SETTINGS[kind].model_validate({"name": "mine", "type": kind, **settings})
    assert own.hosts_asked() == hosts
