"""What the shop knows: its policies, and what its records say about an item."""

from chatrec.knowledge.item_answers import RecordAnswers
from chatrec.knowledge.policies import PolicyKnowledge

__all__ = ["PolicyKnowledge", "RecordAnswers"]
