"""Which of the candidates are shown, and in what order: the entropy-diverse re-ranker, its baselines, and the rules beside it."""

from chatrec.ranking.facets import Facets, facets_of
from chatrec.ranking.factory import RERANKERS, make_pruner, make_reranker, reranker
from chatrec.ranking.rules import Rules, cut_near_duplicates, drop_irrelevant
from chatrec.ranking.specificity import adapt_diversity, request_specificity

__all__ = [
    "RERANKERS",
    "Facets",
    "Rules",
    "adapt_diversity",
    "cut_near_duplicates",
    "drop_irrelevant",
    "facets_of",
    "make_pruner",
    "make_reranker",
    "request_specificity",
    "reranker",
]
