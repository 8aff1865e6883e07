"""`listener user` and `listener token`: people and programs come in, and are shut out."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result

from listener.cli import cli
from listener.cli import token as token_command
from listener.cli import user as user_command
from listener.errors import Conflict, DeskError, ListenerError, NotFound, UsageError
from listener.store import accounts as store_accounts
from listener.store.accounts import Accounts, Role, Scope, open_accounts

Invoke = Callable[..., Result]
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run a command on an empty store, with passwords that cost nothing to hash."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LISTENER_CONFIG", raising=False)
    monkeypatch.setattr(store_accounts, "open_accounts", lambda url: open_accounts(url, CHEAP))
    Path("config.yaml").write_text("brands: [{name: Acme}]\n", encoding="utf-8")

    def invoke(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(cli, list(arguments), input=stdin, env={"COLUMNS": "200"})

    return invoke


@pytest.fixture
def known(invoke: Invoke, tmp_path: Path) -> Iterator[Accounts]:
    """The same accounts, looked at from outside."""
    with open_accounts(f"sqlite:///{tmp_path}/listener.db", CHEAP) as accounts:
        yield accounts


def add(invoke: Invoke, name: str, role: str = "agent") -> Result:
    words = ("user", "add", name, "--role", role, "--password-stdin")
    return invoke(*words, stdin="correct horse\nmore\n")


def failed(result: Result) -> ListenerError:
    assert isinstance(result.exception, ListenerError), result.output
    return result.exception


def test_the_choices_are_those_of_the_store() -> None:
    assert tuple(Role) == user_command.ROLES
    assert tuple(Scope) == token_command.SCOPES


def test_a_person_is_added_listed_and_disabled(invoke: Invoke, known: Accounts) -> None:
    assert "nobody" in invoke("user", "list").stderr.lower()
    assert "Added ann as lead." in add(invoke, "ann", "lead").stderr
    user = known.verify_password("ann", "correct horse")
    assert user is not None
    assert user.role is Role.LEAD
    assert json.loads(invoke("user", "list", "--json").stdout)[0]["name"] == "ann"
    assert "ann" in invoke("user", "list").stdout
    assert invoke("user", "disable", "ann").exit_code == 0
    assert known.verify_password("ann", "correct horse") is None
    assert "disabled" in invoke("user", "list").stdout


def test_a_password_is_asked_for_twice_and_never_shown(
    invoke: Invoke, known: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_command, "at_terminal", lambda: True)
    done = invoke("user", "add", "ann", stdin="correct horse\ncorrect horse\n")
    assert done.exit_code == 0, done.output
    assert "correct horse" not in done.output
    assert known.verify_password("ann", "correct horse") is not None


def test_without_a_terminal_the_password_comes_from_stdin(invoke: Invoke) -> None:
    refused = failed(invoke("user", "add", "ann"))
    assert isinstance(refused, UsageError)
    assert refused.hint.endswith("--password-stdin")


def test_what_cannot_be_an_account_is_refused(invoke: Invoke) -> None:
    weak = invoke("user", "add", "ann", "--password-stdin", stdin="short\n")
    assert isinstance(failed(weak), DeskError)
    add(invoke, "ann")
    assert isinstance(failed(add(invoke, "Ann")), Conflict)
    assert isinstance(failed(invoke("user", "disable", "bob")), NotFound)


def test_a_token_is_shown_once_and_revoked(invoke: Invoke, known: Accounts) -> None:
    add(invoke, "ann")
    words = (
        "token",
        "create",
        "export job",
        "--user",
        "ann",
        "--scope",
        "read",
        "--scope",
        "write",
    )
    created = invoke(*words)
    key = created.stdout.strip()
    assert key not in created.stderr
    found = known.verify_token(key)
    assert found is not None
    assert found[1].scopes == (Scope.READ, Scope.WRITE)
    listed = invoke("token", "list", "--json").stdout
    assert key not in listed
    assert "export job" in invoke("token", "list").stdout
    number = str(json.loads(listed)[0]["id"])
    assert invoke("token", "revoke", number).exit_code == 0
    assert known.verify_token(key) is None
    assert "revoked" in invoke("token", "list").stdout


def test_a_token_may_read_unless_it_is_given_more(invoke: Invoke) -> None:
    add(invoke, "ann")
    created = json.loads(invoke("token", "create", "x", "--user", "ann", "--json").stdout)
    assert created["token"]["scopes"] == ["read"]
    assert created["key"].startswith("lst_")


def test_tokens_that_cannot_be(invoke: Invoke) -> None:
    assert "There is no token yet" in invoke("token", "list").stderr
    assert isinstance(failed(invoke("token", "create", "x", "--user", "bob")), NotFound)
    assert isinstance(failed(invoke("token", "revoke", "7")), NotFound)


def test_an_invitation_is_a_link_for_one_person_and_a_while(
    invoke: Invoke, known: Accounts
) -> None:
    link = invoke("user", "invite", "--role", "lead", "--hours", "2").stdout.strip()
    assert link.startswith("http://127.0.0.1:8080/invitation/")
    key, now = link.rpartition("/")[2], datetime.now(UTC)
    assert known.invitations.open(key, now + timedelta(hours=3)) is None
    assert known.invitations.use(key, now) is Role.LEAD
    assert known.invitations.use(key, now) is None


def test_a_role_is_changed(invoke: Invoke, known: Accounts) -> None:
    add(invoke, "ann")
    assert "ann is admin now" in invoke("user", "role", "ann", "admin").stderr
    assert known.users()[0].role is Role.ADMIN
    assert isinstance(failed(invoke("user", "role", "bob", "admin")), NotFound)
