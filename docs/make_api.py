"""Writes docs/openapi.json and the table of docs/api.md: `python docs/make_api.py`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from listener.config import Config
from listener.web.api.description import METHODS, describe
from listener.web.app import create_app

DOCS = Path(__file__).parent
BEGIN, END = "<!-- routes: begin -->", "<!-- routes: end -->"


def description() -> dict[str, Any]:
    """The API as an application describes it."""
    app = create_app(
        Config.model_validate({"brands": [{"name": "Acme"}]}), lambda: datetime.now(UTC)
    )
    return json.loads(json.dumps(describe(app)))


def written(found: dict[str, Any]) -> str:
    """The description as the file holds it."""
    return json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def routes(found: dict[str, Any]) -> str:
    """Every route with its sentence."""
    rows = ["| route | what |", "|---|---|"]
    for path, item in found["paths"].items():
        for method in METHODS:
            if method in item:
                about = item[method]["description"].split("\n")[0].replace("|", "\\|")
                rows.append(f"| `{method.upper()} {path.removeprefix('/api/v1')}` | {about} |")
    return "\n".join(rows)


def page(text: str, found: dict[str, Any]) -> str:
    """The page with its table renewed."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{routes(found)}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    api = description()
    (DOCS / "openapi.json").write_text(written(api), "utf-8")
    PAGE = DOCS / "api.md"
    PAGE.write_text(page(PAGE.read_text("utf-8"), api), "utf-8")
