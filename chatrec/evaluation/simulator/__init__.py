"""The shopper simulator: rule-based shoppers with a hidden target, who talk with the bot and with controls on any catalogue."""
