"""chatrec for LangChain: the conversation as a Runnable, the search as a retriever, the model as a chat model, tools for an agent."""

from __future__ import annotations

from chatrec.integrations.agent_tools import agent_tools
from chatrec.integrations.chat_model import ChatRecModel, chat_model
from chatrec.integrations.retriever import CatalogueRetriever
from chatrec.runnable import ChatRunnable, as_runnable

__all__ = ["CatalogueRetriever", "ChatRecModel", "ChatRunnable", "agent_tools", "as_runnable", "chat_model"]
