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
from chatrec.evaluation.human_play import Heard, play_shoppers
from chatrec.evaluation.human_recall import Ways, moments, popular_mentions, recall_figures
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
    """Figures and broken promises over ``n_dialogues`` of the second half of each set (``None``: all of it), drawn with ``seed``.

    The first half is there to choose settings by.

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
        everything = _read(folder, table, names)
        first, second = everything[: len(everything) // 2], everything[len(everything) // 2 :]
        played = _drawn(second, n_dialogues, seed)
        with ChatRec.open(shop, settings=TEMPLATE) as bot:
            bot.warm_up()
            heard = play_shoppers(bot, played, report)
            figures |= {f"{table}/dialogues": float(len(played)), **heard.figures(table, seed)}
            problems += [f"{table}: {p}" for p in heard.problems]
            if names is not None:
                allowed = names.of_redial if table == REDIAL else frozenset(i.item_id for i in bot.items())
                figures |= _recall(bot, table, popular_mentions(first, allowed), played, heard, allowed, seed, report)
    return figures, problems


def _recall(
    bot: ChatRec,
    table: str,
    mentioned: Sequence[str],
    played: Sequence[HumanDialogue],
    heard: Heard,
    allowed: frozenset[str],
    seed: int,
    report: Progress | None,
) -> dict[str, Any]:
    """ReDial's items are looked for among the movies that its list holds, INSPIRED's among all of the shop."""
    found = list(moments(played, heard.states))
    with bot.serving() as parts:
        return recall_figures(table, found, Ways(parts, allowed, mentioned, seed).all(), seed, report)


def _read(folder: Path, table: str, names: MovieNames | None) -> list[HumanDialogue]:
    if names is None:
        return read_shopping(folder / SHOPPING)
    return read_redial(folder / REDIAL, names.redial) if table == REDIAL else read_inspired(folder / INSPIRED, names.titles)


def _drawn(dialogues: list[HumanDialogue], n: int | None, seed: int) -> list[HumanDialogue]:
    """``n`` of these, in their order."""
    if n is None or n >= len(dialogues):
        return dialogues
    return [dialogues[place] for place in sorted(random.Random(seed).sample(range(len(dialogues)), n))]


def _data(given: Path | None) -> Path:
    place = given or (Path(named) if (named := os.environ.get(DATA_VARIABLE, "")) else None)
    if place is None or not (place / SHOPPING).is_dir():
        raise SettingsError(f"{DATA_VARIABLE} names no folder with {', '.join(TABLES)} (it is {str(place or '')!r}); set it")
    return place
