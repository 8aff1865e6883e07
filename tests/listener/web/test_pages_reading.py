"""Issues, overview, people and settings: every page opens, every number leads to what is behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from listener.store.rows import QueueQuery
from listener.store.users import Role

SignIn = Callable[..., TestClient]

PAGES = (
    "/queue",
    "/queue?view=muted",
    "/queue?view=done",
    "/queue/1",
    "/queue/1?tab=note",
    "/issues",
    "/issues?state=&order=latest&q=issue",
    "/issues/1",
    "/issues/1?why=1",
    "/suggestions",
    "/suggestions?state=dismissed",
    "/overview",
    "/overview?span=1d",
    "/overview?span=30d&brand=Acme",
    "/overview/cases?which=late",
    "/posts",
    "/posts?lane=complaint&source=reddit&q=hold",
    "/posts?issue=1",
    "/learning",
    "/people",
    "/people?q=mar",
    "/people/1",
    "/settings/brands",
    "/settings/sources",
    "/settings/promises",
    "/settings/macros",
    "/settings/people",
    "/settings/keys",
    "/settings/audit",
)


def words(page: str) -> str:
    bare = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(bare).split())


def links(page: str) -> set[str]:
    return {unescape(one) for one in re.findall(r'href="(/[^"#]*)"', page)} - {"/logout"}


@pytest.fixture
def admin(signed_in: SignIn, furnish: Any) -> TestClient:
    furnish()
    return signed_in("root", Role.ADMIN)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_full_and_empty(
    signed_in: SignIn, house: Any, furnish: Any, path: str
) -> None:
    browser = signed_in("root", Role.ADMIN)
    empty = browser.get(path)
    one = re.search(r"^/(queue|issues|people)/\d", path)
    assert empty.status_code == (404 if one else 200)
    furnish()
    full = browser.get(path)
    assert full.status_code == 200
    assert "style=" not in full.text  # the policy allows no style in an attribute


def test_every_link_of_every_page_leads_somewhere(admin: TestClient) -> None:
    seen: set[str] = set()
    ahead = {"/queue", "/issues", "/overview?span=30d", "/people", "/settings/keys"}
    while ahead and len(seen) < 60:
        path = sorted(ahead)[0]
        ahead.remove(path)
        seen.add(path)
        answer = admin.get(path)
        assert answer.status_code in (200, 303), path
        if "text/html" in answer.headers.get("content-type", ""):
            ahead |= links(answer.text) - seen
    assert len(seen) > 40


class TestIssues:
    def test_the_list_and_one_issue(self, admin: TestClient) -> None:
        said = words(admin.get("/issues").text)
        assert "Issue about 1 complaint new 2 2 2" in said
        page = words(admin.get("/issues/1").text)
        assert "2 people · 2 posts · 2 open cases" in page
        assert "2 untold" in page

    def test_fix_close_reopen_rename(self, admin: TestClient, house: Any) -> None:
        moves = (
            ("rename", {"title": "Phones are dead"}, 303),
            ("fix", {"note": "We answer again."}, 303),
            ("fix", {"note": "Again."}, 409),
            ("close", {}, 409),
            ("close", {"reason": "all called by hand"}, 303),
            ("reopen", {}, 303),
        )
        for move, data, status in moves:
            answer = admin.post(f"/issues/1/{move}", data=data)
            assert answer.status_code == status, (move, words(answer.text))
        assert house.store.issue(1).title == "Phones are dead"
        assert "have not been told" in words(admin.post("/issues/1/close", data={}).text)

    def test_the_loop_says_what_each_would_be_told(self, admin: TestClient) -> None:
        admin.post("/issues/1/fix", data={"note": "We answer again."})
        assert "It is fixed: We answer again." in words(admin.get("/issues/1").text)

    def test_merge_split_and_undo(self, admin: TestClient, house: Any, heard: Any) -> None:
        house.hear(heard("Card declined", author="dora", issue=2))
        merged = admin.post("/issues/2/merge", data={"target": 1})
        assert merged.headers["location"].startswith("/issues/1?done=")
        assert house.store.issue(2).id == 1
        page = admin.get(merged.headers["location"]).text
        undo = re.findall(r'name="history" value="(\d+)"', page)
        admin.post("/undo", data={"history": undo})
        assert house.store.issue(2).id == 2
        case = house.store.queue(QueueQuery(issue=1))[0]
        split = admin.post("/issues/1/split", data={"mention": case.mention, "case": case.id})
        assert split.headers["location"].startswith(f"/queue/{case.id}?done=")
        assert house.store.case(case.id).case.issue != 1
        nothing = admin.post("/issues/1/split", data={})
        assert nothing.status_code == 422
        assert "which mentions?" in words(nothing.text)

    def test_an_agent_does_not_fix(self, signed_in: SignIn, furnish: Any) -> None:
        furnish()
        ana = signed_in()
        assert "Mark as fixed" not in ana.get("/issues/1").text
        assert ana.post("/issues/1/fix", data={"note": "x"}).status_code == 403


class TestOverview:
    def test_figures_are_those_of_the_cases_behind_them(
        self, admin: TestClient, house: Any
    ) -> None:
        case = house.store.queue(QueueQuery())[0].id
        house.desk.cases.resolve(case, "ana")
        page = admin.get("/overview?span=7d").text
        said = words(page)
        assert "3 posts" in said
        assert "67 % of what was heard are complaints" in said
        assert "33 % of cases answered" in said
        assert "3 h half are answered within" in said
        assert "2 wait for us" in said
        late = admin.get("/overview/cases?which=late&span=7d").text
        assert "Promises broken 2" in words(late)

    def test_a_bar_opens_its_posts(self, admin: TestClient) -> None:
        page = admin.get("/overview?span=7d").text
        bars = re.findall(r'<a href="(/posts\?[^"]+)" aria-label="[^"]*: (\d+)"', page)
        assert sum(int(count) for _, count in bars) == 3
        for address, count in bars:
            listed = admin.get(unescape(address)).text
            assert len(re.findall(r'<li class="post">', listed)) == int(count), address

    def test_a_time_that_is_none_is_refused(self, admin: TestClient) -> None:
        assert admin.get("/posts?since=yesterday").status_code == 422
        assert admin.get("/posts?since=2026-11-20").status_code == 422
        assert admin.get("/posts?after=x.y").status_code == 200


class TestSettings:
    def test_another_query_is_previewed_and_nothing_changes(
        self, admin: TestClient, house: Any
    ) -> None:
        said = words(admin.get("/settings/brands?brand=Acme&query=hold").text)
        assert "Of 3 posts 0 would come in, 1 would go, and 2 stay." in said
        wrong = words(admin.get("/settings/brands?brand=Acme&query=(hold").text)
        assert "character" in wrong
        assert house.store.totals().mentions == 3

    def test_keys_are_shown_once(self, admin: TestClient) -> None:
        made = admin.post("/settings/keys/create", data={"name": "cron", "scope": "read"}).text
        assert "lst_" in made
        page = admin.get("/settings/keys").text
        assert "lst_" not in page
        assert "cron" in page
        token = re.search(r"/settings/keys/(\d+)/revoke", page)
        assert token is not None
        admin.post(f"/settings/keys/{token[1]}/revoke")
        assert "cron" not in words(admin.get("/settings/keys").text)

    def test_nobody_ends_the_key_of_another(self, signed_in: SignIn) -> None:
        ana, ben = signed_in(), signed_in("ben")
        page = ana.post("/settings/keys/create", data={"name": "mine", "scope": "read"}).text
        token = re.search(r"/settings/keys/(\d+)/revoke", page)
        assert token is not None
        assert ben.post(f"/settings/keys/{token[1]}/revoke").status_code == 404
        assert ana.post(
            "/settings/keys/create", data={"name": "x", "scope": "admin"}
        ).status_code == (403)

    def test_a_colleague_comes_by_a_link_and_goes_at_once(
        self, admin: TestClient, browser: Callable[[], TestClient]
    ) -> None:
        page = admin.post("/settings/people/invite", data={"role": "agent"}).text
        link = re.search(r"/invitation/[\w-]+", page)
        assert link is not None
        new = browser()
        new.post(link[0], data={"name": "zoe", "password": "a long password"})
        assert new.get("/queue").status_code == 200
        admin.post("/settings/people/disable", data={"name": "zoe"})
        assert new.get("/queue").status_code == 303
        assert admin.post("/settings/people/disable", data={"name": "root"}).status_code == 403
        audit = words(admin.get("/settings/audit").text)
        assert "disable" in audit
        assert "zoe" in audit

    def test_a_source_is_tried(self, signed_in: SignIn, app: Any, house: Any) -> None:
        lea = signed_in("lea", Role.LEAD)
        answer = lea.post("/settings/sources/check", data={"source": "nowhere"})
        assert answer.status_code == 422
        assert "no source is called 'nowhere'" in words(answer.text)


def test_posts_in_languages_that_nobody_reads_are_counted_on_every_page(
    house: Any, heard: type[Any], signed_in: SignIn
) -> None:
    browser = signed_in()
    assert "not read for sentiment" not in browser.get("/queue").text
    house.hear(heard("Quá tệ", lang="vi"), heard("ひどい", lang="ja"), heard("Chậm quá", lang="vi"))
    for page in ("/queue", "/issues", "/overview"):
        assert "not read for sentiment: 2 vi, 1 ja" in words(browser.get(page).text)
