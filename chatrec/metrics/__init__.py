"""Figures by which lists are judged: pure functions on arrays, no state, no input or output."""
