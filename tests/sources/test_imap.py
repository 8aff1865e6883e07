from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.errors import Blocked, CredentialsRejected, Gone, SourceError, Transient, Unreadable
from sources.imap.mail import read_mail
from sources.imap.settings import ImapSettings
from sources.imap.source import ImapSource
from sources.protocols import Health, Responder
from sources.testing.clock import Clock
from sources.testing.contract import Run, check_contract, collect
from sources.testing.imap import FakeImap
from sources.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

CERTIFICATE = Path(__file__).parent / "certificates" / "feeds.example.pem"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[FakeImap]:
    with FakeImap() as fake:
        yield fake


def a_source(server: FakeImap, clock: Clock, **settings: object) -> ImapSource:
    plain: dict[str, object] = {
        "name": "mail",
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "username": "desk@acme.example",
        "password": 'sesame "street"',
        "allow_private": True,
    }
    return ImapSource(ImapSettings.model_validate(plain | settings), clock)


def a_mail(number: int, body: str = "", more: str = "") -> bytes:
    return (
        f"Message-ID: <{number}@mail.example>\r\nFrom: Ada L <Ada@Mail.example>\r\n"
        f"Subject: Complaint {number}\r\nDate: Thu, 19 Nov 2026 10:00:00 +0100\r\n{more}"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body or f'words {number}'}\r\n"
    ).encode()


def fill(server: FakeImap, clock: Clock, numbers: range) -> None:
    for number in numbers:
        server.deliver(
            a_mail(number), clock.moment - timedelta(hours=2) + timedelta(seconds=number)
        )


def words(run: Run) -> set[str]:
    return {mention.text for mention in run.mentions}


def said(numbers: range) -> set[str]:
    return {f"words {number}" for number in numbers}


# --- the folder ----------------------------------------------------------------------------------


def test_keeps_the_contract(server: FakeImap, clock: Clock) -> None:
    fill(server, clock, range(120))
    server.deliver(a_mail(7, "again \U0001f624 \u202eשלום"), clock.moment)
    whole = check_contract(lambda: a_source(server, clock))
    assert len(whole.texts) == 120
    assert [len(batch.mentions) for batch in whole.batches] == [50, 50, 21]
    assert whole.batches[-1].total == 121


def test_a_mail_becomes_a_mention(server: FakeImap, clock: Clock) -> None:
    more = "In-Reply-To: <2@b>\r\nReferences: <1@a> <2@b>\r\n"
    server.deliver(a_mail(1, "Nobody answers.", more), clock.moment)
    source = a_source(server, clock)
    assert isinstance(source, Responder)
    (mention,) = collect(source).mentions
    assert (mention.kind, mention.external_id) == ("email", "1@mail.example")
    assert mention.full_text == "Complaint 1\n\nNobody answers."
    assert (mention.author.id, mention.author.name) == ("ada@mail.example", "Ada L")
    assert (mention.thread.root, mention.thread.parent) == ("1@a", "2@b")
    assert mention.created_at == datetime(2026, 11, 19, 9, tzinfo=UTC)
    assert source.reply_link(mention) == "mailto:ada@mail.example?subject=Re%3A%20Complaint%201"


def test_only_news_comes_again_and_nothing_is_marked(server: FakeImap, clock: Clock) -> None:
    fill(server, clock, range(5))
    first = collect(a_source(server, clock))
    fill(server, clock, range(5, 130))
    second = collect(a_source(server, clock), first.cursor)
    assert words(second) == said(range(5, 130))
    third = collect(a_source(server, clock), second.cursor)
    assert [batch.health for batch in third.batches] == [Health.QUIET]
    assert not any("SELECT" in command or "STORE" in command for command in server.commands)
    assert all("PEEK" in command for command in server.commands if "FETCH" in command)


def test_the_first_run_reads_as_far_back_as_told(server: FakeImap, clock: Clock) -> None:
    server.deliver(a_mail(1), clock.moment - timedelta(days=20))
    fill(server, clock, range(2, 5))
    assert words(collect(a_source(server, clock))) == said(range(2, 5))
    assert words(collect(a_source(server, clock, history="30d"))) == said(range(1, 5))


def test_new_numbers_lose_nothing(server: FakeImap, clock: Clock) -> None:
    fill(server, clock, range(30))
    first = collect(a_source(server, clock))
    clock.moment += timedelta(days=12)  # longer than the history
    server.deliver(a_mail(30), clock.moment - timedelta(days=11))
    server.renumber()
    second = collect(a_source(server, clock), first.cursor)
    assert words(second) >= {"words 30"}
    assert second.batches[0].note == "the server has numbered its messages anew"
    third = collect(a_source(server, clock), second.cursor)
    assert words(third) == set()


def test_a_connection_that_breaks_off_goes_on_where_it_was(server: FakeImap, clock: Clock) -> None:
    fill(server, clock, range(120))
    server.fetches_left = 1
    stream = a_source(server, clock).collect(None)
    first = next(stream)
    with pytest.raises(Transient, match="127"):
        next(stream)
    server.fetches_left = -1
    rest = collect(a_source(server, clock), first.cursor)
    assert words(rest) == said(range(50, 120))


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", '{"format":1}', "{}"])
def test_a_foreign_cursor_is_the_beginning(server: FakeImap, clock: Clock, cursor: str) -> None:
    fill(server, clock, range(3))
    assert words(collect(a_source(server, clock), cursor)) == said(range(3))


# --- trouble -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "error", "setting"),
    [
        ({"password": "guess"}, CredentialsRejected, "password"),
        ({"folder": "Complaints"}, Gone, "folder"),
        ({"port": 1}, Transient, "host"),
        ({"allow_private": False, "security": "tls"}, Blocked, "allow_private"),
        ({"security": "starttls"}, Unreadable, "host"),
    ],
)
def test_trouble_names_the_setting(
    server: FakeImap,
    clock: Clock,
    settings: dict[str, object],
    error: type[SourceError],
    setting: str,
) -> None:
    with pytest.raises(error) as caught:
        collect(a_source(server, clock, **settings))
    check = a_source(server, clock, **settings).check()
    assert (check.ok, check.setting) == (False, setting)
    assert not any(secret in f"{check}{caught.value}" for secret in ("sesame", "guess"))
    assert a_source(server, clock).check().message == "'INBOX' holds 0 messages"


@pytest.mark.parametrize(
    "greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"* BYE go away\r\n", b""]
)
def test_what_is_no_mail_server_is_said(server: FakeImap, clock: Clock, greeting: bytes) -> None:
    server.greeting = greeting
    if not greeting:
        server.greeting = b"\x00" * 10 + b"\r\n"
    with pytest.raises((Unreadable, Transient)):
        collect(a_source(server, clock))


def test_tls_is_spoken_and_certificates_are_judged(clock: Clock) -> None:
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(CERTIFICATE)
    with FakeImap(own) as server:
        fill(server, clock, range(3))
        with pytest.raises(Transient, match="no safe connection"):
            collect(a_source(server, clock, security="tls"))


@pytest.mark.parametrize(
    "settings",
    [
        {"allow_private": False},
        {"host": "imap.example.org/x"},
        {"host": ""},
        {"username": "a\r\nb"},
        {"password": "a\r\nb"},
        {"base_url": "https://x.example"},
    ],
)
def test_settings_are_checked(server: FakeImap, clock: Clock, settings: dict[str, object]) -> None:
    with pytest.raises(pydantic.ValidationError):
        a_source(server, clock, **settings)


# --- the message ---------------------------------------------------------------------------------


def test_html_is_read_when_there_is_no_plain_part_and_attachments_are_not() -> None:
    raw = (
        b"Subject: =?utf-8?q?R=C3=A9clamation?=\r\nFrom: ada@mail.example\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/html; charset=latin-1\r\n\r\n"
        b"<p>Encore <b>rien</b>, d\xe9sol\xe9</p><script>x</script>\r\n"
        b"--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\n%PDF\r\n"
    )  # the end is missing, as it is of a message that was too long
    mention = read_mail(raw, NOON, NOON)
    assert mention is not None
    assert (mention.title, mention.text) == ("Réclamation", "Encore rien, désolé")
    assert mention.external_id.startswith("sha256:")
    assert mention.created_at == NOON


@pytest.mark.parametrize("charset", ["no-such", "utf-16", "rot13", "idna", "\x00"])
def test_odd_charsets_are_survived(charset: str) -> None:
    raw = f"Subject: x\r\nContent-Type: text/plain; charset={charset}\r\n\r\nhello\r\n".encode()
    assert read_mail(raw, NOON, NOON) is not None


def test_a_message_without_words_is_none() -> None:
    assert read_mail(b"From: a@b.example\r\n\r\n\r\n", NOON, NOON) is None


@pytest.mark.parametrize("part", [b"%d", b"1"])
def test_parts_without_end_do_not_stop_the_reading(part: bytes) -> None:
    def a_part(number: int) -> bytes:
        name = part % number if b"%" in part else part
        return b"Content-Type: multipart/mixed; boundary=%b\r\n\r\n--%b\r\n" % (name, name)

    raw = b"Subject: x\r\n" + b"".join(map(a_part, range(5_000))) + b"\r\nhello"
    mention = read_mail(raw, NOON, NOON)
    assert mention is None or mention.title == "x"


@given(st.binary(max_size=400), st.sampled_from([b"", b"Content-Type: multipart/alternative\r\n"]))
def test_no_message_can_stop_the_reading(raw: bytes, header: bytes) -> None:
    for whole in (raw, header + b"From: " + raw + b"\r\nSubject: " + raw + b"\r\n\r\n" + raw):
        mention = read_mail(whole, NOON, NOON)
        if mention is not None:
            assert clean(mention.text) == mention.text
            assert clean(mention.external_id) == mention.external_id
            assert mention.full_text
