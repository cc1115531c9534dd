"""The analyst's page: what shoppers asked for, what came of it, how they felt. Made on the server: no script, every value escaped."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from chatrec.bot import ChatRec
from chatrec.dialogue.mood import DAY_S
from chatrec.dialogue.mood import by_day as moods_by_day
from chatrec.domain.reply import Receipt
from chatrec.errors import NotAuthenticated
from chatrec.service.access import Gatekeeper
from chatrec.service.analyst_figures import DayFigures, by_day, exposure, funnel, percentiles, unmet
from chatrec.service.analyst_plots import diversity_plot, in_the_dark, latency_plot, mood_plot
from chatrec.storage.analysis import MOST_CONVERSATIONS, MOST_RECEIPTS

if TYPE_CHECKING:
    from jinja2 import Environment

PERIODS = (1, 7, 30, 90)
# A conversation that is longer is shown by its end.
MOST_TURNS = 200
_PAGES = Path(__file__).parent / "analyst_pages"
_KINDS = (("", "All"), ("negative", "In a bad mood"), ("hand_off", "Handed over"))
# No script at all; pictures come with the page.
_POLICY = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_ASK = 'Basic realm="chatrec analyst", charset="UTF-8"'

Days = Annotated[int, Query(ge=1, le=366, description="how many days back")]


def admit(request: Request) -> None:
    """Lets in whoever has the scope ``analyst``. A browser asks its user for the key, which goes into the field for the password."""
    gate: Gatekeeper = request.app.state.gate
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        request = _with_key(request, given)
    try:
        gate.admit(request, ("analyst",))
    except NotAuthenticated as error:
        raise HTTPException(401, "this page needs an API key with the scope 'analyst'", {"WWW-Authenticate": _ASK}) from error


def _with_key(request: Request, given: str) -> Request:
    """The same request with the key as a program would send it."""
    try:
        key = base64.b64decode(given, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        key = ""
    kept = [(name, value) for name, value in request.scope["headers"] if name != b"authorization"]
    return Request({**request.scope, "headers": [*kept, (b"authorization", b"Bearer " + (key or "-").encode())]}, request.receive)


router = APIRouter(tags=["analysis"], include_in_schema=False)
guarded = APIRouter(prefix="/analyst", dependencies=[Depends(admit)])


@router.get("/analyst/analyst.css")
def stylesheet() -> Response:
    """How the pages look. There is nothing of the shop in it."""
    return Response((_PAGES / "analyst.css").read_bytes(), media_type="text/css")


@router.get("/analyst/")
def front() -> Response:
    """The address with a slash: the chat page at ``/`` would take it otherwise."""
    return RedirectResponse("/analyst")


@guarded.get("")
def overview(request: Request, days: Days = 7) -> HTMLResponse:
    """Figures of a period: what was asked for in vain, from shown to bought, mood, speed, variety."""
    bot, since = _bot(request), time.time() - days * DAY_S
    analysis = bot.database.analysis
    receipts, happenings = analysis.receipts(since), analysis.happenings(since)
    totals, figures, moods = analysis.totals(since), by_day(receipts), list(moods_by_day(bot.database.turns.moods(since)))
    found = funnel(happenings)
    first = [r["timings_ms"]["first_sentence"] / 1000 for _, r in receipts if "first_sentence" in r["timings_ms"]]
    covered, top = exposure(happenings, bot.about()["items"])
    half, most = percentiles(first)
    tiles = (
        ("Conversations", f"{totals['conversations']:,}", f"{totals['turns']:,} turns"),
        ("Handed over", f"{totals['handed_off']:,}", "to a person"),
        ("Mood", f"{totals['mood']:+.2f}" if totals["mood"] else "0", "from -1 to +1"),
        ("First sentence", f"{half:.2f} s", f"95 of 100 within {most:.2f} s"),
        ("Shown", f"{found.whole.shown:,}", f"{100 * covered:.1f}% of the catalogue"),
        ("Top ten items", f"{100 * top:.0f}%", "of all that was shown"),
        ("Put into carts", f"{found.whole.carted:,}", found.whole.share("carted")),
        ("Bought", f"{found.whole.bought:,}", found.whole.share("bought")),
    )
    plots = _plots(figures, moods) if receipts else ()
    return _page(
        request, "overview", days, tiles=tiles, totals=totals, unmet=unmet(receipts), funnel=found, plots=plots,
        most_receipts=MOST_RECEIPTS,
    )  # fmt: skip


@guarded.get("/conversations")
def conversations(
    request: Request, days: Days = 7, only: Literal["", "negative", "hand_off"] = "", before: float | None = None
) -> HTMLResponse:
    """The newest conversations, fifty a page."""
    found = _bot(request).database.analysis.conversations(time.time() - days * DAY_S, before=before, only=only)
    older = repr(found[-1].ended) if len(found) == MOST_CONVERSATIONS else ""
    kept = f"&only={only}" if only else ""
    return _page(request, "conversations", days, kept, conversations=found, kinds=_KINDS, only=only, older=older)


@guarded.get("/conversations/{session_id:path}")
def conversation(request: Request, session_id: str, days: Days = 7) -> HTMLResponse:
    """One conversation with its receipts, as the shopper saw it."""
    bot = _bot(request)
    timed = bot.database.receipts.timed_of_session(session_id)
    if not timed:
        raise HTTPException(404, "no conversation of this session is kept: it expired, was forgotten, or never was")
    shown = timed[-MOST_TURNS:]
    return _page(
        request, "conversation", days, session_id=session_id, turns=shown, hidden=len(timed) - len(shown),
        titles=_titles(bot, [receipt for _, receipt in timed]),
        user_id=bot.state(session_id).user_id,
    )  # fmt: skip


router.include_router(guarded)


def _titles(bot: ChatRec, receipts: Sequence[Receipt]) -> dict[str, str]:
    """Titles by item id, as they were when the items were shown; of alternatives as the catalogue has them now."""
    shown = {str(row["item_id"]): str(row["title"]) for receipt in receipts for row in receipt.shown}
    named = {str(card["item_id"]) for receipt in receipts for event in receipt.told for card in event.get("cards", ())}
    with bot.serving() as parts:
        return {i: parts.shelf.item(i).title for i in named - shown.keys() if i in parts.shelf} | shown


def _bot(request: Request) -> ChatRec:
    bot: ChatRec = request.app.state.bot
    return bot


def _plots(figures: list[DayFigures], moods: list[Any]) -> tuple[tuple[str, ...], ...]:
    """(title, note, words for who does not see it, picture, picture for a dark page) of each plot."""
    last, mood = figures[-1], moods[-1].mean
    entropy = f"{last.entropy:.2f}" if last.entropy is not None else "not known"
    variety = "mean entropy of the lists shown: 0 alike, 1 as varied as possible"
    speed = f"Seconds to the first sentence by day; on the newest day half came within {last.first_sentence_s[0]:.2f} s."
    return (
        ("Mood", "mean of each day, over the bars of its turns", f"Mean mood by day; the newest is {mood:+.2f}.", *_data(mood_plot(moods))),
        ("Speed", "from the message to the first sentence", speed, *_data(latency_plot(figures))),
        ("Variety", variety, f"Mean entropy of the lists by day; the newest is {entropy}.", *_data(diversity_plot(figures))),
    )


def _data(picture: bytes) -> Iterator[str]:
    for shown in (picture, in_the_dark(picture)):
        yield "data:image/svg+xml;base64," + base64.b64encode(shown).decode("ascii")


def _page(request: Request, name: str, days: int, kept: str = "", **values: Any) -> HTMLResponse:
    bot = _bot(request)
    shop = bot.settings.shop.name or bot.folder.name
    periods = PERIODS if days in PERIODS else tuple(sorted((*PERIODS, days)))
    given: Mapping[str, Any] = {"shop": shop, "days": days, "page": name, "periods": periods, "kept": kept, **values}
    html = _pages().get_template(f"{name}.html").render(given, moment=_moment, link=_link(days))
    return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"})


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


def _link(days: int) -> Callable[[str], str]:
    return lambda session_id: f"/analyst/conversations/{quote(session_id, safe='')}?days={days}"


@cache
def _pages() -> Environment:
    """The templates. What a name holds is always escaped, and one that is not given is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(loader=FileSystemLoader(_PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
