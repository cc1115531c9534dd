"""The widget's script, for the pages of any site."""

from __future__ import annotations

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
    """The script. Pages of other origins may load it: it holds nothing of the shop, and what it asks for needs a token."""
    body = _FILE.read_bytes()
    headers = {
        "Cache-Control": f"public, max-age={FRESH_S}",
        "ETag": f'"{sha256(body).hexdigest()[:32]}"',
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="text/javascript", headers=headers)
