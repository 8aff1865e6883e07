"""Writes the table of docs/sources.md from the types themselves: `python docs/make_sources.py`."""

from pathlib import Path

from listener.config.settings_text import SettingText, describe_settings
from listener.plugins import BUILT_IN, load_plugins
from listener.source_type import SourceType
from sources.settings import SourceSettings

PAGE = Path(__file__).with_name("sources.md")
BEGIN, END = "<!-- types: begin -->", "<!-- types: end -->"
SECRET = ("secret", "list of secrets")


def table() -> str:
    """Every type of source that comes with the program, and the settings that all of them have."""
    types = [
        offer.source_type for offer in load_plugins().offers() if offer.distribution == BUILT_IN
    ]
    rows = "\n".join(row(one) for one in types)
    every = ", ".join(f"`{name}`" for name in SourceSettings.model_fields)
    return (
        "| type | what it hears | key | cost | one answers | its own settings |\n"
        f"|---|---|---|---|---|---|\n{rows}\n\n"
        "Settings in bold must be set. What each one means: `listener sources describe TYPE`, and\n"
        f"[configuration.md](configuration.md). Every source also has {every}."
    )


def row(kind: SourceType) -> str:
    """One type as a row."""
    own = [
        one
        for one in describe_settings(kind.settings)
        if one.name.partition(".")[0] not in SourceSettings.model_fields
    ]
    cells = [
        f"[`{kind.name}`](#{kind.name})",
        kind.about,
        keys(kind, own),
        kind.cost,
        "in the browser" if kind.can_answer else "no",
        ", ".join(f"**`{one.name}`**" if one.required else f"`{one.name}`" for one in own)
        or "none",
    ]
    return f"| {' | '.join(cells)} |"


def keys(kind: SourceType, own: list[SettingText]) -> str:
    """Whether a type needs a key, and the settings that hold one."""
    secrets = ", ".join(f"`{one.name}`" for one in own if one.value in SECRET)
    if kind.needs_key:
        return f"needed: {secrets}" if secrets else "needed"
    return f"not needed; takes {secrets}" if secrets else "none"


def page(text: str) -> str:
    """The page with its table renewed."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
