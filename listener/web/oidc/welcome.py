"""From somebody whom the provider vouches for to their account here."""

from __future__ import annotations

import secrets

from listener.store.accounts import Accounts
from listener.store.users import User
from listener.web.audit import note
from listener.web.oidc.troubles import NotLetIn
from listener.web.oidc.vouching import Vouched
from listener.web.parts import Parts


def welcome(parts: Parts, accounts: Accounts, issuer: str, who: Vouched, by_email: bool) -> User:
    """The account of an identity: the linked one, one linked now, or a new one.

    The role is what the provider's groups say, at every sign-in. Raises NotLetIn for a disabled
    account, and when the name is another account's.
    """
    at = parts.now()
    user = accounts.identities.find(issuer, who.subject)
    if user is None:
        user = _by_email(accounts, who) if by_email else None
        how = "link identity"
        if user is None:
            user, how = _new(parts, accounts, who), "add user"
        accounts.identities.link(issuer, who.subject, user, at)
        note(parts, user.name, how, user.id, f"{user.name} by {issuer}")
    if user.disabled:
        raise NotLetIn(f"{user.name} is shut out here; an admin can tell why")
    if user.role is not who.role:
        user = accounts.set_role(user.name, who.role)
        note(parts, user.name, "set role", user.id, f"{user.name}: {user.role}, by {issuer}")
    return user


def _by_email(accounts: Accounts, who: Vouched) -> User | None:
    wanted = who.email.casefold()
    return next((one for one in accounts.users() if wanted and one.name.casefold() == wanted), None)


def _new(parts: Parts, accounts: Accounts, who: Vouched) -> User:
    taken = {one.name.casefold() for one in accounts.users()}
    name = next((one for one in (who.name, who.email) if one and one.casefold() not in taken), "")
    if not name:
        raise NotLetIn(
            f"there is an account {who.name!r} here already, and nothing says that it is yours",
            "an admin renames one, or sets web.oidc.link_by_email",
        )
    with parts.passwords.hashing():  # a password that nobody knows
        return accounts.add_user(name, who.role, secrets.token_urlsafe(32), parts.now())
