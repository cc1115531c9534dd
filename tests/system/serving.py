"""Run as a program: ``python serving.py SHOP PORT`` serves a shop over HTTP, with the hashing embedder and the template writer.

What ``chatrec serve --engine template`` does, but for the chat page and the models, which take their time to load.
"""

from __future__ import annotations

import sys

from chatrec.bot import ChatRec
from chatrec.service.app import make_app
from chatrec.service.listen import server
from chatrec.service.logs import set_up_logs
from chatrec.testing.embedders import HashingEmbedder


def main(shop: str, port: int) -> None:
    """Serves until it is told to stop."""
    bot = ChatRec.open(shop, settings={"model": {"engine": "template"}}, embedder=HashingEmbedder())
    set_up_logs(bot.settings.log)
    server(make_app(bot, page=False, owns_bot=True), "127.0.0.1", port).run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
