"""Who may like what: sources that propose items, their fusion, and the training of collaborative filtering."""
