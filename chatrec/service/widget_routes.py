"""The widget's script, for the pages of any site."""

from __future__ import annotations

import gzip
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request, Response

router = APIRouter(include_in_schema=False)

SCRIPT = "/widget/chatrec-widget.js"
# A page that embeds the script names it without a version: an hour is as long as a mended script may take to arrive everywhere.
FRESH_S = 3600
_FILE = Path(__file__).parent / "static" / "chatrec-widget.js"


@router.api_route(SCRIPT, methods=["GET", "HEAD"])
def widget(request: Request) -> Response:
    """The script, packed for browsers that take it so. Pages of other origins may load it: it holds nothing of the shop, and what it asks
    for needs a token."""
    plain, packed, mark = _script(_FILE.stat().st_mtime_ns)
    headers = {
        "Cache-Control": f"public, max-age={FRESH_S}",
        "ETag": mark,
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match", "").removeprefix("W/") == mark:
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(plain, media_type="text/javascript", headers=headers)
    # the two forms are the same script, and share a weak mark
    return Response(packed, media_type="text/javascript", headers={**headers, "ETag": f"W/{mark}", "Content-Encoding": "gzip"})


@lru_cache(maxsize=1)
def _script(_changed: int) -> tuple[bytes, bytes, str]:
    """The script as it is, packed, and the mark of what it says."""
    body = _FILE.read_bytes()
    return body, gzip.compress(body, mtime=0), f'"{sha256(body).hexdigest()[:32]}"'
