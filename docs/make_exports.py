"""Writes the tables of docs/exports.md from the code: `python docs/make_exports.py`."""

from pathlib import Path

from listener.exports import TABLES

PAGE = Path(__file__).with_name("exports.md")
BEGIN, END = "<!-- columns: begin -->", "<!-- columns: end -->"


def tables() -> str:
    """Every export with its columns."""
    parts = []
    for table in TABLES.values():
        rows = "\n".join(f"| `{c.name}` | {c.kind} | {c.about} |" for c in table.columns)
        parts.append(
            f"### {table.name}\n\n{table.about}\n\n| column | type | what |\n|---|---|---|\n{rows}"
        )
    return "\n\n".join(parts)


def page(text: str) -> str:
    """The page with its tables renewed."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
