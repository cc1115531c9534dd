"""Fits iALS with frequency-scaled regularisation. The one file that knows irspack, which is imported only to fit."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np

from chatrec.candidates.interactions import Interactions
from chatrec.candidates.model import CollaborativeModel, Floats
from chatrec.settings import TrainSettings

SEED = 20_261_101
Progress = Callable[[str, int, int], None]


def fit(interactions: Interactions, settings: TrainSettings, progress: Progress | None = None) -> CollaborativeModel:
    """The model of these interactions; the same interactions and settings give the same model.

    Without any positive pair it knows popularity only. ``progress`` is called with ("fit", epochs done, epochs in all).
    Loss and regularisation, scaled by how often a shopper or item occurs, are those of Rendle et al., Revisiting the Performance
    of iALS on Item Recommendation Benchmarks (RecSys 2022).
    """
    width = min(settings.factors, max(1, len(interactions.user_ids)), max(1, len(interactions.item_ids)))
    trained = len(interactions.weights) > 0
    factors = _factors(interactions, settings, width, progress) if trained else np.zeros((len(interactions.item_ids), 0), np.float32)
    return CollaborativeModel(
        interactions.item_ids,
        factors,
        (factors.T @ factors).astype(np.float32),
        interactions.popularity,
        settings.unobserved,
        settings.regularisation,
        len(interactions.user_ids),
        len(interactions.weights),
    )


def _factors(interactions: Interactions, settings: TrainSettings, width: int, progress: Progress | None) -> Floats:
    from scipy.sparse import csr_matrix

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # irspack 0.5.2 declares its settings in pydantic's older style
        from irspack.recommenders.ials import IALSRecommender

    shape = (len(interactions.user_ids), len(interactions.item_ids))
    matrix = csr_matrix((interactions.weights, (interactions.users, interactions.items)), shape=shape)
    model = IALSRecommender(
        matrix,
        n_components=width,
        alpha0=settings.unobserved,
        reg=settings.regularisation,
        nu=1.0,
        train_epochs=settings.epochs,
        random_seed=SEED,
        n_threads=1,  # two threads sum in no fixed order and differ in the fifth digit; one takes 2.2 s for 58,000 events instead of 1.2
    )
    model.start_learning()
    for epoch in range(settings.epochs):
        model.run_epoch()
        if progress:
            progress("fit", epoch + 1, settings.epochs)
    return np.array(model.get_item_embedding(), dtype=np.float32, order="C")  # a copy: the original would keep the trainer alive
