"""A shop's catalogue: reading its files, and the indexes and facts derived from them."""
