"""The static files: their address holds a hash of them all, so browsers keep them for ever."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response

STATIC = Path(__file__).parent / "static"
FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}

router = APIRouter()


def static_address(path: str) -> str:
    """Where a file of the folder `static` is served. Raises LookupError when it is not there."""
    if path not in _files():
        raise LookupError(f"there is no static file {path!r}")
    return f"/static/{_hash()}/{path}"


@router.get("/static/{hash}/{path:path}", include_in_schema=False)
async def static_file(hash: str, path: str) -> Response:
    """One file; 404 for one that is not there, or another version's.

    From memory, in the server's loop: a first page asks for ten of them at once, and is not painted
    before its styles are there.
    """
    found = _files().get(path)
    if found is None or hash != _hash():
        return Response(status_code=404)
    suffix = found.suffix
    kind = TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
    return Response(_bytes(path), media_type=kind, headers=FOR_EVER)


@cache
def _files() -> dict[str, Path]:
    """The files by their path; what is not here is not served, whatever a path says."""
    return {
        file.relative_to(STATIC).as_posix(): file
        for file in sorted(STATIC.rglob("*"))
        if file.is_file() and not file.name.startswith(".")
    }


@cache
def _bytes(path: str) -> bytes:
    return _files()[path].read_bytes()


@cache
def _hash() -> str:
    """One hash for all, so that files may name each other by relative paths."""
    found = hashlib.sha256()
    for name in _files():
        found.update(f"{name}\0".encode())
        found.update(_bytes(name))
    return found.hexdigest()[:12]
