"""Measuring a shop's bot: dialogue scripts and the grounding audit."""
