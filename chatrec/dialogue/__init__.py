"""One turn: state, decision, offer, acts, receipt."""
