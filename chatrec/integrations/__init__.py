"""chatrec inside other people's programs: asyncio, LangChain, agents, MCP. Each file loads its library when it is used."""
