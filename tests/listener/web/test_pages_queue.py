"""The queue in the browser works with forms and links alone: no script is needed for any of this."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from listener.store.rows import QueueQuery, SourceState
from listener.store.users import Role
from sources.protocols import Health

SignIn = Callable[..., TestClient]
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)> "quoted" & more'


def words(page: str) -> str:
    """What a page says, without its markup."""
    bare = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(bare).split())


@pytest.fixture
def case(furnish: Any) -> int:
    """Maria's: the most urgent of three."""
    house = furnish()
    return house.store.queue(QueueQuery())[0].id


class TestList:
    def test_it_says_who_waits_how_long_and_how_urgent(self, signed_in: SignIn, case: int) -> None:
        said = words(signed_in().get("/queue").text)
        assert "86 urgent @maria reddit" in said
        assert "×2 Issue about 1" in said
        assert "2 h late" in said
        assert "For review 3" in said
        assert "Vigilantes 1" in said

    def test_views_and_search_narrow_it(self, signed_in: SignIn, case: int) -> None:
        browser = signed_in()
        for query, found in {
            "view=vigilantes": ["@maria"],
            "q=lane:question": ["@chloe_with_a_rather_long_handle"],
            "q=two minutes": ["@ben"],
            'q="two minutes" OR lane:x': [],
            "q=app AND NOT terrible": ["@ben"],
            "q=source:bank-forum": ["@chloe_with_a_rather_long_handle"],
            "view=done": [],
        }.items():
            page = browser.get(f"/queue?{query}").text
            assert re.findall(
                r'<article class="row".*?<bdi class="clip">(.*?)</bdi>', page, re.S
            ) == (found), query

    def test_a_search_that_means_nothing_says_what_would(
        self, signed_in: SignIn, case: int
    ) -> None:
        page = signed_in().get("/queue?q=is:urgent").text
        assert "is:urgent means nothing here; there are: open, mine" in words(page)

    def test_an_empty_queue_says_what_to_do_next(self, signed_in: SignIn, house: Any) -> None:
        browser = signed_in()
        assert "Nothing is listened to yet" in words(browser.get("/queue").text)
        house.desk.cases.resolve(house.open_case(), "ana")
        house.store.set_health(SourceState("reddit", Health.HEALTHY, house.clock(), ""))
        assert "Nobody waits for an answer" in words(browser.get("/queue").text)
        assert "You have nothing open" in words(browser.get("/queue?view=mine").text)

    def test_what_needs_no_answer_is_listed_and_can_be_called_back(
        self, signed_in: SignIn, house: Any, heard: Any
    ) -> None:
        from triage.verdict import Lane

        house.hear(heard("Win a prize, click", lane=Lane.MUTED, case=False, author="spam"))
        browser = signed_in()
        page = browser.get("/queue?view=muted").text
        assert "@spam" in words(page)
        assert "promotion" in words(page)
        action = re.search(r'action="(/mentions/\d+/lane)"', page)
        assert action is not None
        answer = browser.post(
            action[1], data={"lane": "complaint", "brand": "Acme", "back": "/queue?view=muted"}
        )
        assert answer.status_code == 303
        assert [row.author for row in house.store.queue(QueueQuery())] == ["@spam"]


class TestCase:
    def test_it_shows_the_post_its_reasons_and_what_can_be_done(
        self, signed_in: SignIn, case: int
    ) -> None:
        page = signed_in().get(f"/queue/{case}").text
        said = words(page)
        assert "+56 severe: about 2.8 of 4" in said
        assert "-2 wrote once" in said
        assert "86 together" in said
        assert "12,400 followers" in said
        assert "reddit.example" in said
        for move in ("claim", "snooze", "resolve", "dismiss", "assign", "priority"):
            assert f'action="/cases/{case}/{move}"' in page

    def test_a_hostile_post_is_only_text(self, signed_in: SignIn, house: Any) -> None:
        case = house.open_case(
            HOSTILE, title="<b>x</b>", author="<i>eve</i>", url="javascript:alert(1)"
        )
        page = signed_in().get(f"/queue/{case}").text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "javascript:" not in page
        assert "<b>x" not in page
        assert HOSTILE in unescape(re.sub(r"</?mark[^>]*>", "", page))

    def test_no_such_case(self, signed_in: SignIn, house: Any) -> None:
        browser = signed_in()
        missing = browser.get("/queue/99")
        assert missing.status_code == 404
        assert "there is no case 99" in missing.text
        assert "listener queue" not in missing.text  # nobody types commands into a page
        assert browser.get(f"/queue/{10**30}").status_code == 422

    def test_what_is_no_case_is_said_in_words_on_a_whole_page(self, signed_in: SignIn) -> None:
        page = signed_in("lea", Role.LEAD).get("/queue/abc")
        assert page.status_code == 422
        assert "case cannot be 'abc' here" in words(page.text)
        assert "parse" not in page.text
        assert 'href="/learning"' in page.text

    def test_a_viewer_sees_no_buttons(self, signed_in: SignIn, case: int) -> None:
        page = signed_in("vic", Role.VIEWER).get(f"/queue/{case}").text
        assert f'action="/cases/{case}' not in page
        assert "answering needs the role agent" in words(page)


class TestMoves:
    def test_claim_reply_approve_sent(self, signed_in: SignIn, house: Any, case: int) -> None:
        ana, lea = signed_in(), signed_in("lea", Role.LEAD)
        assert ana.post(f"/cases/{case}/claim").status_code == 303
        kept = ana.post(f"/cases/{case}/reply", data={"text": "We are on it."})
        assert kept.status_code == 303
        page = words(ana.get(kept.headers["location"]).text)
        assert "draft kept Undo" in page
        assert "A lead approves it." in page
        reply = house.store.replies(case)[0].id
        refused = ana.post(f"/cases/{case}/approve", data={"reply": reply})
        assert refused.status_code == 403
        assert lea.post(f"/cases/{case}/approve", data={"reply": reply}).status_code == 303
        assert "I have posted it" in words(ana.get(f"/queue/{case}").text)
        assert ana.post(f"/cases/{case}/sent", data={"reply": reply}).status_code == 303
        found = house.store.case(case).case
        assert (found.state, found.owner) == ("waiting", "ana")

    def test_who_comes_second_is_told_and_keeps_what_they_typed(
        self, signed_in: SignIn, house: Any, case: int
    ) -> None:
        ana, ben = signed_in(), signed_in("ben")
        ana.post(f"/cases/{case}/claim")
        lost = ben.post(f"/cases/{case}/claim")
        assert lost.status_code == 409
        assert "ana has case" in words(lost.text)
        typed = ben.post(f"/cases/{case}/reply", data={"text": "So sorry <3"})
        assert typed.status_code == 409
        assert "So sorry &lt;3</textarea>" in typed.text
        assert house.store.replies(case) == []

    def test_nothing_is_overwritten_that_was_not_seen(
        self, signed_in: SignIn, house: Any, case: int
    ) -> None:
        ana, ben = signed_in(), signed_in("ben")
        page = ben.get(f"/queue/{case}").text
        seen = re.search(r'name="seen" value="(\d+)"', page)
        assert seen is not None
        ana.post(f"/cases/{case}/note", data={"text": "I have called her."})
        late = ben.post(f"/cases/{case}/resolve", data={"seen": seen[1]})
        assert late.status_code == 409
        assert "ana made the move “note”" in words(late.text)
        assert "I have called her." in words(late.text)
        now = re.search(r'name="seen" value="(\d+)"', late.text)
        assert now is not None
        assert ben.post(f"/cases/{case}/resolve", data={"seen": now[1]}).status_code == 303

    def test_after_resolve_the_next_case_opens_and_undo_brings_it_back(
        self, signed_in: SignIn, house: Any, case: int
    ) -> None:
        ana = signed_in()
        second = house.store.queue(QueueQuery())[1].id
        page = ana.get(f"/queue/{case}?view=review").text
        assert f'name="next" value="{second}"' in page
        done = ana.post(
            f"/cases/{case}/resolve", data={"next": second, "view": "review", "outcome": "called"}
        )
        assert done.headers["location"].startswith(f"/queue/{second}?done=")
        after = ana.get(done.headers["location"]).text
        assert f"Case {case}: resolved Undo" in words(after)
        undo = re.findall(r'name="history" value="(\d+)"', after)[-1]
        back = ana.post("/undo", data={"history": undo, "back": f"/queue/{case}"})
        assert back.status_code == 303
        assert house.store.case(case).case.state == "new"

    @pytest.mark.parametrize("until", ["1h", "tomorrow", "monday", "7d", "answer", "worse"])
    def test_snooze(self, signed_in: SignIn, house: Any, case: int, until: str) -> None:
        ana = signed_in()
        assert ana.post(f"/cases/{case}/snooze", data={"until": until}).status_code == 303
        found = house.store.case(case).case
        assert found.state == "snoozed"
        assert found.snooze_until > house.clock()
        assert found.wakes_on == (until if until in ("answer", "worse") else "")
        said = words(ana.get(f"/queue/{case}").text)
        assert ("until it gets worse, or" in said) == (until == "worse")
        assert ("until they answer, or" in said) == (until == "answer")

    def test_snooze_until_nonsense(self, signed_in: SignIn, house: Any, case: int) -> None:
        ana = signed_in()
        wrong = ana.post(f"/cases/{case}/snooze", data={"until": "at", "at": "soon"})
        assert wrong.status_code == 422
        assert "'soon' is not a time to sleep until" in words(wrong.text)

    def test_assign_priority_dismiss_reopen_release(
        self, signed_in: SignIn, house: Any, case: int
    ) -> None:
        ana = signed_in()
        for move, data in (
            ("priority", {"points": "7"}),
            ("priority", {"points": ""}),
            ("assign", {"to": "ben"}),
            ("claim", {}),
            ("release", {}),
            ("dismiss", {"reason": "spam or promotion"}),
            ("reopen", {}),
        ):
            answer = ana.post(f"/cases/{case}/{move}", data=data)
            assert answer.status_code == 303, (move, words(answer.text))
        assert house.store.case(case).case.state == "new"
        bad = ana.post(f"/cases/{case}/priority", data={"points": "ten"})
        assert bad.status_code == 422

    def test_a_correction_changes_the_verdict(
        self, signed_in: SignIn, house: Any, case: int
    ) -> None:
        ana = signed_in()
        assert (
            ana.post(f"/cases/{case}/correct", data={"severity": "low", "lane": ""}).status_code
            == 303
        )
        [correction] = list(house.store.corrections())
        assert (correction.field, correction.is_now, correction.actor) == ("severity", "low", "ana")

    def test_bulk_moves_all_and_tells_which_could_not(
        self, signed_in: SignIn, house: Any, case: int
    ) -> None:
        ana, ben = signed_in(), signed_in("ben")
        ids = [row.id for row in house.store.queue(QueueQuery())]
        ben.post(f"/cases/{ids[0]}/claim")
        mixed = ana.post("/queue/bulk", data={"case": ids, "move": "resolve"})
        assert mixed.status_code == 409
        assert "2 done, 1 not: ben has case" in words(mixed.text)
        again = ana.post("/queue/bulk", data={"case": ids[1:], "move": "dismiss", "reason": "x"})
        assert "0 done" in words(again.text)
        assert ana.post("/queue/bulk", data={"case": ids, "move": "eat"}).status_code == 422
        assert ana.post("/queue/bulk", data={"move": "claim"}).status_code == 422

    def test_bulk_is_undone_in_one_go(self, signed_in: SignIn, house: Any, case: int) -> None:
        ana = signed_in()
        ids = [row.id for row in house.store.queue(QueueQuery())]
        done = ana.post("/queue/bulk", data={"case": ids, "move": "snooze", "until": "4h"})
        page = ana.get(done.headers["location"]).text
        assert "3 cases snoozed" in words(page)
        undo = re.findall(r'name="history" value="(\d+)"', page)
        ana.post("/undo", data={"history": undo})
        assert [row.id for row in house.store.queue(QueueQuery())] == ids

    def test_an_address_leads_back_to_our_own_pages_only(
        self, signed_in: SignIn, case: int, house: Any
    ) -> None:
        ana = signed_in()
        ana.post(f"/cases/{case}/claim")
        move = house.store.history(case)[0].id
        away = ana.post("/undo", data={"history": move, "back": "https://evil.example/"})
        assert away.headers["location"].startswith("/?done=")

    def test_macros_fill_in_the_name(self, signed_in: SignIn, app: Any, house: Any) -> None:
        from listener.config import MacroConfig

        case = house.open_case(author="maria")
        macro = MacroConfig(name="sorry", text="Hi {author}, sorry from {brand}")
        config = app.state.parts.config
        replies = config.replies.model_copy(update={"macros": (macro,)})
        changed = config.model_copy(update={"replies": replies})
        app.state.parts = replace(app.state.parts, config=changed)
        page = signed_in().get(f"/queue/{case}?macro=sorry").text
        assert "Hi @maria, sorry from Acme</textarea>" in page
