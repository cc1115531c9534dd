"""Collaborative models behind one seam (``base.PreferenceModel``)."""
