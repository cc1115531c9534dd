"""Words: evidence, prompts, the language model, the sentence gate and the template writer."""
