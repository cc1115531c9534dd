"""``chatrec ingest``: a shop's files into its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chatrec.cli.screen import out, progress


def ingest_command(
    shop: Annotated[Path, typer.Option("--shop", help="the shop's folder; made when it does not exist")],
    items: Annotated[Path, typer.Option("--items", help="products: csv, tsv, jsonl, json, yaml or parquet, also gzipped")],
    interactions: Annotated[Path | None, typer.Option("--interactions", help="events or ratings, or user: [items] sequences")] = None,
    users: Annotated[Path | None, typer.Option("--users", help="user_id and attributes")] = None,
    reviews: Annotated[Path | None, typer.Option("--reviews", help="item_id, user_id, rating, text")] = None,
    policies: Annotated[Path | None, typer.Option("--policies", help="a folder of Markdown files, one topic a file")] = None,
    orders: Annotated[Path | None, typer.Option("--orders", help="order_id, user_id, item_id, status, placed_at, eta")] = None,
    mapping: Annotated[Path | None, typer.Option("--mapping", help="TOML file that says which column is what")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="stop at the first bad row instead of reporting and skipping it")] = False,
) -> None:
    """Read a shop's files, check every row, and build its search indexes.

    Only --items is required, and of its columns only an id and a title. Bad rows are reported with file, line, column, value and
    reason, and written to SHOP/rejects. Running it again embeds only what changed; a running service goes on and takes up the result.

    Example: chatrec ingest --shop myshop --items products.csv --policies policies/
    """
    from chatrec.catalog.ingest import ingest
    from chatrec.catalog.sources import Sources
    from chatrec.settings import load_settings

    sources = Sources(
        items=items, interactions=interactions, users=users, reviews=reviews, policies=policies, orders=orders, mapping=mapping
    )
    with progress() as report:
        done = ingest(shop, sources, strict=strict, progress=report, url=load_settings(shop).storage.url)
    out.print(str(done), markup=False, highlight=False)
    if interactions is not None:
        out.print(f"next: chatrec train --shop {shop}", markup=False, highlight=False)
    out.print(f"then: chatrec chat --shop {shop}", markup=False, highlight=False)
