"""The review feeds of the App Store on 127.0.0.1, with the habits of the real ones."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sources.testing.platform import FakePlatform
from sources.testing.web import Answer, Asked, FakeWeb

PAGE, PAGES = 50, 10
PACIFIC = timezone(timedelta(hours=-7))
_PATH = re.compile(r"/([a-z]{2})/rss/customerreviews/page=(\d+)/id=(\d+)/sortby=mostrecent/json")


@dataclass(slots=True)
class Review:
    """One review in one country's store."""

    id: int
    text: str
    at: datetime
    stars: int = 1
    title: str = "Broken"
    country: str = "us"


class FakeAppStore(FakePlatform):
    """Serves what is in `reviews`, ten pages of fifty. `trouble` answers instead, by country.

    The first page begins with the app itself, a single entry comes without its list, an empty page
    without any: as Apple does. `silent` countries show nothing whatever there is.
    """

    def __init__(self, app: str = "310633997") -> None:
        """Nobody has written anything yet."""
        self.app = app
        self.reviews: list[Review] = []
        self.silent: set[str] = set()
        self.trouble: dict[str, Answer] = {}
        self.shows_the_app = True
        self.web = FakeWeb()
        for country in ("us", "gb", "de"):
            for page in range(1, PAGES + 2):
                path = f"/{country}/rss/customerreviews/page={page}/id={app}/sortby=mostrecent/json"
                self.web.routes[path] = self._feed

    def _feed(self, asked: Asked) -> Answer:
        asking = _PATH.fullmatch(asked.path)
        if asking is None:
            return Answer(status=404)
        country, page = asking[1], int(asking[2])
        if country in self.trouble:
            return self.trouble[country]
        if page > PAGES:
            return Answer(b"CustomerReviews RSS page depth is limited to 10", 400)
        own = [review for review in self.reviews if review.country == country]
        own.sort(key=lambda review: (review.at, review.id), reverse=True)
        shown = [] if country in self.silent else own[(page - 1) * PAGE : page * PAGE]
        entries: list[object] = [_plain(review, self.app) for review in shown]
        if page == 1 and entries and self.shows_the_app:
            entries.insert(0, {"im:name": {"label": "Acme"}, "id": {"label": "the app"}})
        feed: dict[str, object] = {"author": {"name": {"label": "iTunes Store"}}}
        if entries:
            feed["entry"] = entries if len(entries) > 1 else entries[0]
        body = json.dumps({"feed": feed}).encode()
        return Answer(body, headers={"Content-Type": "text/javascript; charset=utf-8"})


def _plain(review: Review, app: str) -> dict[str, object]:
    return {
        "author": {
            "uri": {"label": f"https://itunes.apple.com/{review.country}/reviews/id9{review.id}"},
            "name": {"label": "rosa1990"},
            "label": "",
        },
        "updated": {"label": review.at.astimezone(PACIFIC).isoformat()},
        "im:rating": {"label": str(review.stars)},
        "im:version": {"label": "7.1"},
        "id": {"label": str(review.id)},
        "title": {"label": review.title},
        "content": {"label": review.text, "attributes": {"type": "text"}},
        "link": {"attributes": {"rel": "related", "href": f"https://apps.apple.com/app/id{app}"}},
        "im:voteSum": {"label": "2"},
        "im:voteCount": {"label": "3"},
    }
