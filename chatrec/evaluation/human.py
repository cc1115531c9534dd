"""The protocol of dialogues between people: their shoppers' turns are borne, and what people recommended is found."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chatrec.bot import ChatRec
from chatrec.errors import SettingsError
from chatrec.evaluation.human_data import HumanDialogue, read_inspired, read_redial, read_shopping
from chatrec.evaluation.human_play import play_shoppers
from chatrec.evaluation.human_recall import methods, moments, recall_figures
from chatrec.evaluation.human_shops import SHOPPING, MovieNames, movie_shop, shopping_shop
from chatrec.resources import cache_folder
from chatrec.shops import Progress

REDIAL, INSPIRED = "redial_valid", "inspired"
TABLES = (SHOPPING, INSPIRED, REDIAL)
DATA_VARIABLE = "CHATREC_DATA"
TEMPLATE = {"model": {"engine": "template"}}  # the words do not change what is shown


def run_human(
    n_dialogues: int | None,
    seed: int,
    report: Progress | None = None,
    *,
    data: Path | None = None,
    shops: Path | None = None,
    tables: Sequence[str] | None = None,
) -> tuple[dict[str, Any], list[str]]:
    """Figures and broken promises over ``n_dialogues`` of each set (``None``: all of them), drawn with ``seed``.

    ``data`` is the folder with the sets (default: the one that CHATREC_DATA names), ``shops`` where the shops built from them are kept.
    The movies' shop learns who likes what from the ratings of MovieLens latest-small. Raises :class:`SettingsError` where the data is
    absent or a table is not known.
    """
    folder, kept = _data(data), shops or cache_folder() / "human-shops"
    figures: dict[str, Any] = {}
    problems: list[str] = []
    if wrong := [t for t in tables or () if t not in TABLES]:
        raise SettingsError(f"there is no table '{wrong[0]}'; take {', '.join(TABLES)}")
    for table in tables or TABLES:
        names: MovieNames | None = None
        if table == SHOPPING:
            shop = shopping_shop(folder, kept, report)
        else:
            shop, names = movie_shop(folder, kept, report)
        dialogues = _drawn(_read(folder, table, names), n_dialogues, seed)
        with ChatRec.open(shop, settings=TEMPLATE) as bot:
            bot.warm_up()
            heard = play_shoppers(bot, dialogues, report)
            figures |= {f"{table}/dialogues": float(len(dialogues)), **heard.figures(table, seed)}
            problems += [f"{table}: {p}" for p in heard.problems]
            if names is not None:
                figures |= _recall(bot, table, dialogues, names, seed, report)
    return figures, problems


def _recall(
    bot: ChatRec, table: str, dialogues: Sequence[HumanDialogue], names: MovieNames, seed: int, report: Progress | None
) -> dict[str, Any]:
    """ReDial's items are looked for among the movies that its list holds, INSPIRED's among all of the shop."""
    allowed = names.of_redial if table == REDIAL else frozenset(i.item_id for i in bot.items())
    with bot.serving() as parts:
        return recall_figures(table, list(moments(dialogues)), methods(parts, dialogues, allowed, seed), seed, report)


def _read(folder: Path, table: str, names: MovieNames | None) -> list[HumanDialogue]:
    if names is None:
        return read_shopping(folder / SHOPPING)
    return read_redial(folder / REDIAL, names.redial) if table == REDIAL else read_inspired(folder / INSPIRED, names.titles)


def _drawn(dialogues: list[HumanDialogue], n: int | None, seed: int) -> list[HumanDialogue]:
    return dialogues if n is None or n >= len(dialogues) else random.Random(seed).sample(dialogues, n)


def _data(given: Path | None) -> Path:
    place = given or (Path(named) if (named := os.environ.get(DATA_VARIABLE, "")) else None)
    if place is None or not (place / SHOPPING).is_dir():
        raise SettingsError(f"{DATA_VARIABLE} names no folder with {', '.join(TABLES)} (it is {str(place or '')!r}); set it")
    return place
