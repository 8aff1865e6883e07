"""Makes samples/banking77.jsonl, the posts of the sample brand, from a Banking77 file.

    python samples/make.py banking77_train.jsonl

The Banking77 file holds JSON lines with `text` and `label`. The same file gives the same posts.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

SEED = 77
POSTS = 600
REPEATED = 20  # the same words again by the same author
NEAR_DUPLICATES = 24  # nearly the same words by somebody else
DAYS = 14
HANDLE = "@NorthgateBank"
HERE = Path(__file__).parent

# What troubles the bank's customers these days: (intent, share, minutes ago from, to).
TROUBLES = (
    ("card_arrival", 34, 0, DAYS * 1440),
    ("pending_transfer", 40, 20, 540),  # since this morning
    ("Refund_not_showing_up", 30, 0, DAYS * 1440),
    ("transaction_charged_twice", 30, 1440, 3 * 1440),
    ("declined_card_payment", 24, 0, DAYS * 1440),
    ("pin_blocked", 18, 0, DAYS * 1440),
    ("cash_withdrawal_not_recognised", 22, 0, 6 * 1440),
    ("wrong_exchange_rate_for_cash_withdrawal", 20, 0, DAYS * 1440),
    ("unable_to_verify_identity", 22, 0, 2 * 1440),
    ("top_up_failed", 20, 0, DAYS * 1440),
    ("lost_or_stolen_card", 14, 0, DAYS * 1440),
    ("transfer_fee_charged", 16, 0, DAYS * 1440),
)
PLATFORMS = (("microblog", 55), ("forum", 20), ("reviews", 13), ("blog", 12))
ADDRESSES = {
    "microblog": "https://social.example/@{handle}/{number}",
    "forum": "https://forum.example/t/{number}",
    "reviews": "https://reviews.example/northgate-bank/{number}",
    "blog": "https://blog.example/comments/{number}",
}
FIRST = "ana ben cleo dan ella finn gita hugo ines jo kofi lena max nia omar pia rosa sam tess vic"
LAST = (
    "hill reed stone lake marsh wood field brook ford dale moor glen cliff shaw lane park grove "
    "heath combe firth holt mead thorn wells"
)
OPENINGS = (
    "{text} #northgate",
    "Same here: {text}",
    "{text} Anyone?",
    "{text}!!",
    "Me too. {text}",
)


@dataclass(frozen=True)
class SamplePost:
    """One line of the file; `minutes` is how long ago it was posted."""

    id: str
    platform: str
    minutes: int
    text: str
    label: str
    origin: str
    author: dict[str, str | int] = field(default_factory=dict)
    url: str = ""
    root: str = ""
    parent: str = ""


class Maker:
    """Makes posts with authors, places and times from one random source."""

    def __init__(self, seed: int) -> None:
        """Start the random source and invent the authors."""
        self.random = random.Random(seed)
        self.posts: list[SamplePost] = []
        names = [(first, last) for first in FIRST.split() for last in LAST.split()]
        self.random.shuffle(names)
        self.authors = [self._author(first, last) for first, last in names]
        self._posted: dict[str, list[dict[str, str | int]]] = {}

    def _author(self, first: str, last: str) -> dict[str, str | int]:
        followers = int(self.random.lognormvariate(5, 1.6))
        return {
            "handle": f"{first}_{last}",
            "name": f"{first.title()} {last.title()}",
            "followers": followers,
        }

    def author(self, platform: str) -> dict[str, str | int]:
        """Mostly somebody new, one time in four somebody who has posted on the platform before."""
        posted = self._posted.setdefault(platform, [])
        if posted and self.random.random() < 0.25:
            return self.random.choice(posted)
        posted.append(self.authors.pop())
        return posted[-1]

    def minutes(self, low: int, high: int) -> int:
        """A moment in the range, more often lately, seldom at night (now is taken as noon)."""
        for _ in range(100):
            minutes = int(low + (high - low) * self.random.random() ** 1.4)
            hour = (12 - minutes // 60) % 24
            if 7 <= hour <= 22 or self.random.random() < 0.12:
                return max(1, minutes)
        return max(1, low)

    def later(self, earlier: SamplePost) -> int:
        """A moment after an earlier post, at most a day and a half later, and before now."""
        longest = min(2000, earlier.minutes)
        return max(1, earlier.minutes - int(longest * self.random.uniform(0.1, 0.9)))

    def add(self, text: str, label: str, origin: str, minutes: int, *, platform: str = "") -> None:
        """Add a post of its own by a drawn author."""
        chosen = platform or self._drawn(PLATFORMS)
        if chosen == "microblog" and HANDLE not in text and self.random.random() < 0.6:
            text = f"{HANDLE} {text}"
        self._append(text, label, origin, minutes, chosen, self.author(chosen), "", "")

    def again(self, earlier: SamplePost, text: str, origin: str, minutes: int) -> None:
        """Add a later post of the same author in the same conversation."""
        root = earlier.root or earlier.id
        self._append(
            text, earlier.label, origin, minutes, earlier.platform, earlier.author, root, earlier.id
        )

    def _append(
        self,
        text: str,
        label: str,
        origin: str,
        minutes: int,
        platform: str,
        author: dict[str, str | int],
        root: str,
        parent: str,
    ) -> None:
        number = 10_000 + len(self.posts) * 7
        address = ADDRESSES[platform].format(handle=author["handle"], number=number)
        self.posts.append(
            SamplePost(
                f"{platform}:{number}", platform, minutes, text, label, origin, author, address,
                root, parent,
            )
        )  # fmt: skip

    def _drawn(self, weighted: tuple[tuple[str, int], ...]) -> str:
        names, weights = zip(*weighted, strict=True)
        return str(self.random.choices(names, weights)[0])


def make(banking: list[dict[str, str]], written: str, seed: int = SEED) -> list[SamplePost]:
    """All posts, oldest first."""
    maker = Maker(seed)
    add_written(maker, written)
    add_banking(maker, banking, POSTS - len(maker.posts) - REPEATED - NEAR_DUPLICATES)
    add_repeats(maker)
    ordered = sorted(maker.posts, key=lambda post: (-post.minutes, post.id))
    return [replace(post, text=" ".join(post.text.split())) for post in ordered]


def add_written(maker: Maker, written: str) -> None:
    """The posts of written.txt: `= label` opens a section, `> ` is the same person going on."""
    label = ""
    for line in written.splitlines():
        if line.startswith("= "):
            label = line[2:].strip()
        elif line.startswith("> "):
            earlier = maker.posts[-1]
            maker.again(earlier, line[2:], "written", maker.later(earlier))
        elif line.strip():
            tagged = "microblog" if HANDLE in line or "#" in line else ""
            low = 1500 if label == "vigilante" else 0
            minutes = maker.minutes(maker.random.choice((0, low)), 7 * 1440)
            maker.add(line, label, "written", minutes, platform=tagged)


def add_banking(maker: Maker, banking: list[dict[str, str]], wanted: int) -> None:
    """Texts of Banking77: the troubles of these days, and a few of every other intent."""
    by_label: dict[str, list[str]] = {}
    for row in banking:
        by_label.setdefault(row["label"], []).append(row["text"])
    for texts in by_label.values():
        maker.random.shuffle(texts)
    plan = [(label, low, high) for label, share, low, high in TROUBLES for _ in range(share)]
    others = sorted(by_label.keys() - {label for label, *_ in TROUBLES})
    plan += [(others[n % len(others)], 0, DAYS * 1440) for n in range(wanted - len(plan))]
    for label, low, high in plan:
        text = by_label[label].pop()
        maker.add(text, label, "banking77", maker.minutes(low, high))


def add_repeats(maker: Maker) -> None:
    """The same words again by the same author, and nearly the same by somebody else."""
    from_banking = [post for post in maker.posts if post.origin == "banking77"]
    chosen = maker.random.sample(from_banking, REPEATED + NEAR_DUPLICATES)
    for post in chosen[:REPEATED]:
        maker.again(post, post.text, "banking77, repeated", maker.later(post))
    for number, post in enumerate(chosen[REPEATED:]):
        text = OPENINGS[number % len(OPENINGS)].format(text=post.text)
        minutes = maker.later(post)
        maker.add(text, post.label, "banking77, changed", minutes, platform=post.platform)


def main() -> None:
    """Write banking77.jsonl beside this script."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    posts = make(
        [json.loads(line) for line in lines if line.strip()],
        (HERE / "written.txt").read_text(encoding="utf-8"),
    )
    with (HERE / "banking77.jsonl").open("w", encoding="utf-8") as file:
        for post in posts:
            kept = {name: value for name, value in asdict(post).items() if value != ""}
            file.write(json.dumps(kept, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
