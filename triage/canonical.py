"""One address for one article, whatever feed, campaign, phone or cache the link came through.

What the marks are is public knowledge of the platforms that add them (Google's `utm_` and `gclid`,
Meta's `fbclid`, Mailchimp's `mc_`, HubSpot's `_hs`, the BBC's `at_`, …); AMP caches are those of
amp.dev. The result is a key to compare by, not a link to follow.
"""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from sources.mention import Mention

ARTICLES = frozenset({"rss", "news", "article", "blog"})
STORY_LIVES = timedelta(days=30)
LONGEST_URL = 2_000

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MIRRORS = frozenset({"www", "m", "mobile", "amp"})
_AMP_CACHE = re.compile(
    r"https?://(?:(?:www\.)?google\.[a-z.]{2,6}/amp|[a-z0-9.-]{1,253}\.cdn\.ampproject\.org/[acv])"
    r"/(s/)?(?=[^/?#]{1,253}\.)",
    re.IGNORECASE | re.ASCII,
)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)\Z", re.IGNORECASE)
_AMP_PATH = re.compile(r"(?:/amp(?=\Z))|(?:\.amp(?=\.html\Z|\Z))", re.IGNORECASE)
_TRACKING = re.compile(
    r"(?:utm|at|mc|hsa|pk|piwik|mtm|matomo|guce|ns|fb|vero|oly)_\w+|_hs\w+|hsctatracking|_ga|_gl"
    r"|(?:fb|g|d|y|tw|tt|ms)cl(?:id|kid)|gclsrc|gbraid|wbraid|igshid?|li_fat_id|mkt_tok|wickedid"
    r"|ref|ref_src|ref_url|referrer|cmp|cmpid|campaign_id|s_cid|ocid|ncid|icid|smid|smtyp|sr_share"
    r"|sharetoken|share|spm|xtor|guccounter|amp|output|outputtype|rss|source|src",
    re.IGNORECASE | re.ASCII,
)
# A fragment is a place on a page, except where it names somebody's comment or the page itself.
_COMMENT = re.compile(
    r"(?:[a-z]{0,5}comment|post|reply|answer|message|msg|entry|disc(?:ussion)?|[cpr])s?[-_]?\d\w*",
    re.IGNORECASE | re.ASCII,
)


def canonical(url: str) -> str:
    """The address of a page as `host/path?query`: equal for all links to one article.

    Dropped are the scheme, `www.`, mobile and AMP hosts and caches, default ports, marks of
    campaigns, `index.html`, a last slash and fragments; the query is put in order. Fragments that
    name a comment (`#comment-7`) or a page (`#!/7`, `#/7`) stay. "" for what is no http address or
    is longer than 2,000 characters. Never raises; linear.
    """
    url = url.strip()
    if len(url) > LONGEST_URL:
        return ""
    url = _AMP_CACHE.sub(lambda found: "https://" if found[1] else "http://", url, count=1)
    try:
        parts = urlsplit(url)
        host = _host(parts)
        if parts.scheme not in _DEFAULT_PORTS or not host:
            return ""
        path, query = _path(parts.path), _query(parts.query)
    except ValueError:  # no host, no port, or half a character
        return ""
    fragment = parts.fragment if _names_something(parts.fragment) else ""
    return host + path + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def story_of(mention: Mention) -> str:
    """The canonical address of the article a mention is, "" when it is none.

    Only what comes from feeds is an article: on other platforms an address is the post's own, or one
    page for all of them. A link to a whole site names no article; an answer is not the article.
    """
    if mention.kind not in ARTICLES or mention.thread.parent:
        return ""
    address = canonical(mention.url)
    return address if "/" in address or "?" in address else ""


def _host(parts: SplitResult) -> str:
    labels = (parts.hostname or "").rstrip(".").split(".")
    host = ".".join([one for one in labels[:-2] if one not in _MIRRORS] + labels[-2:])
    port = parts.port
    if port is None or port == _DEFAULT_PORTS.get(parts.scheme):
        return host
    return f"{host}:{port}" if host else ""


def _path(path: str) -> str:
    path = re.sub("//+", "/", path)
    path = _AMP_PATH.sub("", _INDEX.sub("", path.rstrip("/"))).rstrip("/")
    return quote(unquote(path), safe="/:@!$&'()*+,;=~-._")


def _query(query: str) -> str:
    if not query:
        return ""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return query
    return urlencode(sorted(pair for pair in pairs if not _TRACKING.fullmatch(pair[0])))


def _names_something(fragment: str) -> bool:
    return fragment.startswith(("!", "/")) or bool(_COMMENT.fullmatch(fragment))
