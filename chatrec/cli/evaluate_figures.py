"""``chatrec evaluate --protocol understanding|knowledge|dialogues|hostile``: the protocols that give figures and problems."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from chatrec.cli.screen import progress
from chatrec.errors import SettingsError

if TYPE_CHECKING:
    from chatrec.cli.evaluate import Given
    from chatrec.shops import Progress

Measured = tuple[dict[str, Any], list[str]]


def evaluate_figures(given: Given) -> None:
    """Measures, writes and exits, with 1 where a promise was broken or a bar missed. Each protocol is loaded only when it is asked for."""
    from chatrec.cli.evaluate import Protocol, finish

    protocols = {
        Protocol.UNDERSTANDING: _understanding,
        Protocol.KNOWLEDGE: _knowledge,
        Protocol.DIALOGUES: _dialogues,
        Protocol.HOSTILE: _hostile,
    }
    start = time.perf_counter()
    try:
        with progress() as told:
            figures, problems = protocols[given.protocol](given, told)
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("chatrec."):
            raise
        raise SettingsError(f"--protocol {given.protocol} is not part of this installation ({error.name} is missing)") from error
    missed = given.protocol is Protocol.UNDERSTANDING  # an utterance that is not read as meant breaks no promise
    finish(given, time.perf_counter() - start, figures, [] if missed else problems, problems if missed else ())


def _understanding(given: Given, told: Progress) -> Measured:
    from chatrec.evaluation.understanding import DEFAULT_FOLDER, run_understanding

    figures, problems = run_understanding(given.data or DEFAULT_FOLDER, seed=given.seed, report=told)
    return dict(figures), problems


def _knowledge(given: Given, told: Progress) -> Measured:
    from chatrec.bot import ChatRec
    from chatrec.evaluation.knowledge import DEFAULT_FOLDER, ITEM_DIALOGUES, run_knowledge

    with ChatRec.open(given.shop, settings={"model": {"engine": given.engine or "template"}}, progress=told) as bot:
        bot.warm_up()
        folder, dialogues = given.data or DEFAULT_FOLDER, given.dialogues or ITEM_DIALOGUES
        figures, problems = run_knowledge(bot, given.seed, told, folder=folder, dialogues=dialogues)
    return dict(figures), problems


def _dialogues(given: Given, told: Progress) -> Measured:
    from chatrec.evaluation.human import run_human

    return run_human(given.dialogues, given.seed, told, data=given.data)


def _hostile(given: Given, told: Progress) -> Measured:
    from chatrec.cli.evaluate_hostile import page_problems
    from chatrec.evaluation.hostile import run_hostile

    engine = given.engine or "template"
    return run_hostile(given.dialogues, given.seed, told, page=page_problems, data=given.data, engine=engine)
