"""What people may ask of us as persons: that nothing of them is kept."""

from __future__ import annotations

from listener.desk.moves import Moves
from listener.desk.words import actor_name
from listener.errors import DeskError, NotFound
from listener.store.forgetting import Erased, Handle


class PeopleDesk:
    """Erasing a person. Who may do so is for the front doors to say: admins."""

    def __init__(self, moves: Moves) -> None:
        """Work on the store behind `moves`."""
        self._moves = moves

    def would_erase(self, person: int) -> Erased:
        """What would vanish with a person, over all handles known to be theirs. Raises NotFound."""
        return self._moves.store.would_erase(self._handles(person))

    def erase(self, person: int, actor: str, typed: str) -> Erased:
        """Erase a person for good; `typed` must be what `confirmation` says. Raises DeskError.

        See `Forgetting.erase_person` for what vanishes and what stays.
        """
        who, handles, needed = actor_name(actor), self._handles(person), confirmation(person)
        if " ".join(typed.split()).casefold() != needed:
            raise DeskError(
                f"to erase person {person} for good, type: {needed}; nothing was erased",
                f"the same again with: {needed}",
            )
        return self._moves.store.erase_person(handles, self._moves.now(), who, person)

    def erase_handle(self, kind: str, author_id: str, actor: str) -> Erased:
        """Erase whom a handle belongs to, with all their handles. Raises NotFound."""
        who, found = actor_name(actor), self._moves.store.person_of(kind, author_id)
        handles: list[Handle] = [(kind, author_id)] if found is None else self._handles(found.id)
        erased = self._moves.store.erase_person(
            handles, self._moves.now(), who, 0 if found is None else found.id
        )
        if not erased.posts:
            raise NotFound(
                f"nothing of '{kind}:{author_id}' is kept",
                "listener export mentions --format jsonl",
            )
        return erased

    def _handles(self, person: int) -> list[Handle]:
        found = self._moves.store.person(person)
        if found is None:
            raise NotFound(
                f"there is no person {person}", "listener export mentions --format jsonl"
            )
        return [(one.kind, one.author_id) for one in found.handles]


def confirmation(person: int) -> str:
    """What must be typed to erase a person: names can be hostile, and numbers can be compared."""
    return f"erase {person}"
