"""Training a LoRA adapter: rows, loop, card."""
