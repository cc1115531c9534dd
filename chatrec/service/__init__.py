"""The faces that listen: the chat page."""
