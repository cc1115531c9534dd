"""Message to meaning: intents, constraints, references, language, mood."""

from chatrec.understanding.understander import RuleUnderstander

__all__ = ["RuleUnderstander"]
