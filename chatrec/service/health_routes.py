"""``/health``: the process lives. ``/ready``: it can answer well."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from chatrec import __version__
from chatrec.bot import ChatRec
from chatrec.service.failures import note

router = APIRouter(tags=["operation"])

LOADING = "loading"  # what a model that is being loaded is called (see chatrec.generation.deferred)


class Health(BaseModel):
    """The process lives."""

    status: str = Field("ok", examples=["ok"])
    version: str = Field(examples=["0.1.0"])
    uptime_s: float = Field(description="seconds since the service began", examples=[12.5])


class Readiness(BaseModel):
    """Whether turns are answered in full, and what is missing."""

    ready: bool
    reasons: list[str] = Field([], description="what is not there yet", examples=[["the language model is being loaded"]])
    generation: int | None = Field(None, description="number of the catalogue generation that answers", examples=[1])
    items: int | None = Field(None, examples=[426])
    model: str = Field("", description="the language model, or template", examples=["openvino"])
    degraded: list[str] = Field([], description="parts that are missing: turns are answered, but more weakly")


@router.get("/health", summary="Whether the process lives", response_model=Health)
async def health(request: Request) -> Health:
    """Always 200 while the process can answer at all; looks at nothing else."""
    return Health(status="ok", version=__version__, uptime_s=round(time.monotonic() - request.app.state.began, 1))


@router.get(
    "/ready",
    summary="Whether turns are answered in full",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Not yet, and why. Turns sent now may be answered more weakly, or with 503."}},
)
def ready(request: Request) -> JSONResponse:
    """200 once the catalogue is open and the language model is loaded (or the template writer is chosen); until then 503 with reasons."""
    found = readiness(request.app.state.bot, request.app.state.is_warm)
    return JSONResponse(found.model_dump(), status_code=200 if found.ready else 503)


def readiness(bot: ChatRec, is_warm: bool = True) -> Readiness:
    """What is there, and what is not. ``is_warm``: nothing is being loaded any more."""
    try:
        about: dict[str, Any] = bot.about()
        bot.database.turns.moods(time.time(), 1)  # one read: the database answers
    except Exception as error:
        return Readiness(ready=False, reasons=[note(error, "/ready").message])
    model = str(about["model"].get("generator", ""))
    reasons = ["the language model is being loaded"] if model == LOADING else [] if is_warm else ["the models are being loaded"]
    return Readiness(
        ready=not reasons,
        reasons=reasons,
        generation=about["generation"],
        items=about["items"],
        model=model.split(" (")[0],
        degraded=[*about["absent"], *(["the language model cannot be loaded"] if model.startswith("template (") else [])],
    )
