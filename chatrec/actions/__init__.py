"""What the bot does in the world for a shopper: so far, looking up orders."""

from chatrec.actions.orders import OrderBook

__all__ = ["OrderBook"]
