"""How specific a request is, and what that means for the diversity knob."""

from __future__ import annotations

import math


def request_specificity(*, words: int = 0, constraints: int = 0, matching: int = 0, catalogue: int = 0, like_items: int = 0) -> float:
    """How exactly the shopper said what they want, in [0, 1]: 0 "show me something", 1 "this one".

    ``words`` are the telling words asked with, ``constraints`` the entries of the ledger, ``matching`` of ``catalogue`` items satisfy
    the hard ones (0 when nothing was filtered), ``like_items`` were pointed at. Each kind of sign saturates; together they
    approach 1 as independent evidence does (noisy or).
    """
    signs = [1.0 - 0.85**words, 1.0 - 0.75**constraints, 0.3 if like_items else 0.0, _narrowness(matching, catalogue)]
    return 1.0 - math.prod(1.0 - s for s in signs)


def adapt_diversity(base: float, specificity: float) -> float:
    """The knob for this request: a vague one spreads, a precise one does not.

    ``base`` ** (2 ** (2 specificity - 1)): at 0.5 the base itself, its square root for the vaguest, its square for the most
    precise request. Rises with ``base``, falls with ``specificity``; 0 stays 0 and 1 stays 1.
    """
    known = min(1.0, max(0.0, specificity))
    return float(min(1.0, max(0.0, base)) ** (2.0 ** (2.0 * known - 1.0)))


def _narrowness(matching: int, catalogue: int) -> float:
    """0 when everything matches, 0.5 when the square root of the catalogue does."""
    if matching < 1 or catalogue < 2 or matching >= catalogue:
        return 0.0
    return 1.0 - math.log(matching + 1) / math.log(catalogue + 1)
