"""What our code says on a page, in the reader's language: English until a template writes it out.

    phrase("%(span)s late", span=phrase("%(n)s h", n=2))

is the text "2 h late" for everybody who compares or joins it, and is looked up in the translations
when a template shows it. What the desk, the judge and sources say (errors, reasons, alarms) is kept
in the store, or printed by the command line as well, and stays as it was said.
"""

from __future__ import annotations

import gettext
from typing import Self


class Phrase(str):
    """English text that remembers what it was made from. Frozen like every text."""

    __slots__ = ("message", "number", "plural", "values")
    message: str
    plural: str
    number: int
    values: dict[str, object]

    @classmethod
    def of(cls, message: str, plural: str, count: int, values: dict[str, object]) -> Self:
        """Make one; `plural` is empty for a text without a number."""
        template = plural if plural and count != 1 else message
        made = cls(template % values if values else template)
        made.message, made.plural, made.number, made.values = message, plural, count, values
        return made

    def translated(self, into: gettext.NullTranslations) -> str:
        """The text in another language, with the phrases among its values."""
        found = (
            into.ngettext(self.message, self.plural, self.number)
            if self.plural
            else into.gettext(self.message)
        )
        if not self.values:
            return found
        return found % {name: translated(one, into) for name, one in self.values.items()}


def phrase(message: str, /, **values: object) -> Phrase:
    """A text with `%(name)s` in the place of values."""
    return Phrase.of(message, "", 0, values)


def phrases(one: str, several: str, count: int, /, **values: object) -> Phrase:
    """A text for one, and for several; `%(num)s` is how many."""
    return Phrase.of(one, several, count, {"num": f"{count:,}", **values})


def translated(value: object, into: gettext.NullTranslations) -> object:
    """A phrase in another language; any other value as it is."""
    return value.translated(into) if isinstance(value, Phrase) else value
