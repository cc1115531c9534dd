"""The sources, one file each. All keep the contract of :class:`chatrec.protocols.CandidateSource`."""

from chatrec.candidates.sources.assortment import AssortmentSource
from chatrec.candidates.sources.collaborative import CollaborativeSource
from chatrec.candidates.sources.dense import DenseSource, VectorSearch
from chatrec.candidates.sources.keyword import KeywordSource, TextSearch
from chatrec.candidates.sources.popularity import PopularitySource

__all__ = ["AssortmentSource", "CollaborativeSource", "DenseSource", "KeywordSource", "PopularitySource", "TextSearch", "VectorSearch"]
