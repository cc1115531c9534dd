"""What the bot does in the world for a shopper: looking up orders, the cart, and a shop's own tools."""

from chatrec.actions.factory import make_desk
from chatrec.actions.orders import OrderBook
from chatrec.actions.tools import tool

__all__ = ["OrderBook", "make_desk", "tool"]
