"""``chatrec evaluate --protocol knowledge``: policy answers and item answers of one shop, on labelled questions and its own records."""

from __future__ import annotations

from pathlib import Path

from chatrec.bot import ChatRec
from chatrec.errors import ScriptError
from chatrec.evaluation.knowledge_numbers import Answers, audit_items, audit_policies
from chatrec.evaluation.knowledge_questions import DEFAULT_FOLDER, QuestionSet, load_question_sets, section_of
from chatrec.evaluation.knowledge_search import OWN, Figures, search_figures
from chatrec.knowledge import PolicyKnowledge
from chatrec.metrics.intervals import mean_interval
from chatrec.shops import Progress

__all__ = ["DEFAULT_FOLDER", "run_knowledge"]
ITEM_DIALOGUES = 30


def run_knowledge(
    bot: ChatRec, seed: int = 7, report: Progress | None = None, *, folder: Path = DEFAULT_FOLDER, dialogues: int = ITEM_DIALOGUES
) -> tuple[Figures, list[str]]:
    """Figures ``set/method/metric`` with 95% intervals, and broken promises in words: a figure in an answer that stands in nothing cited.

    Sets with policies of their own are searched alone; the others are about the open shop and left out where it has no such sections.
    Whole replies are judged for the open shop. Raises :class:`chatrec.errors.ScriptError` for a folder without questions.
    """
    with bot.serving() as parts:
        knowledge = parts.knowledge
    if not isinstance(knowledge, PolicyKnowledge):
        raise ScriptError(f"this shop answers policy questions by {type(knowledge).__name__}, which cannot be measured here")
    passages = {p.passage_id: p for p in knowledge.passages}
    sections = {section_of(p) for p in passages}
    figures: Figures = {}
    problems: list[str] = []
    sets = [s for s in load_question_sets(folder) if s.policies or _belongs(s, sections)]
    for n, questions in enumerate(sets, start=1):
        found, _ = search_figures(f"{questions.name}", questions, knowledge, knowledge.embedder, seed)
        figures |= found
        if not questions.policies:
            asked = [q.ask for q in (*questions.answered, *questions.several, *questions.unanswered)]
            answers = audit_policies(bot, asked, passages)
            figures |= _counted(questions.name, answers, seed)
            problems += answers.problems
        if report:
            report("question sets", n, len(sets))
    answers = audit_items(bot, dialogues, seed, passages)
    figures |= _counted(f"{bot.folder.name}-items", answers, seed)
    return figures, problems + [p for p in answers.problems if "stand in nothing" in p]


def _belongs(questions: QuestionSet, sections: set[str]) -> bool:
    return bool(sections) and all(s in sections for q in (*questions.answered, *questions.several) for t in q.topics for s in t)


def _counted(table: str, answers: Answers, seed: int) -> Figures:
    """Counts of replies and figures; shares of properties told with their figure, and of lacking ones said to be lacking."""
    figures: Figures = {
        f"{table}/{OWN}/replies": answers.replies,
        f"{table}/{OWN}/numbers": answers.numbers,
        f"{table}/{OWN}/wrong_numbers": answers.wrong,
    }
    for name, values in (("figure_told", answers.told), ("silent_where_unlisted", answers.silent)):
        if values:
            figures[f"{table}/{OWN}/{name}"] = mean_interval([float(v) for v in values], seed)
            figures[f"{table}/{OWN}/{name}_questions"] = len(values)
    return figures
