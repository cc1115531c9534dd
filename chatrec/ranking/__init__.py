"""Which of the candidates are shown, and in what order: the entropy-diverse re-ranker, its baselines, and the rules beside it."""

from chatrec.ranking.facets import Facets, facets_of
from chatrec.ranking.factory import RERANKERS, make_profile, make_pruner, make_reranker, reranker
from chatrec.ranking.objective import Aims
from chatrec.ranking.profile import profile_of
from chatrec.ranking.prune import cut_near_duplicates, drop_irrelevant
from chatrec.ranking.rules import RuledReranker, Rules
from chatrec.ranking.specificity import adapt_diversity, request_specificity

__all__ = [
    "RERANKERS",
    "Aims",
    "Facets",
    "RuledReranker",
    "Rules",
    "adapt_diversity",
    "cut_near_duplicates",
    "drop_irrelevant",
    "facets_of",
    "make_profile",
    "make_pruner",
    "make_reranker",
    "profile_of",
    "request_specificity",
    "reranker",
]
