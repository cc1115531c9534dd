"""What the intent benchmark reads: our held utterances, and public sets from ``CHATREC_DATA``. Nothing of them is kept."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from chatrec.understanding.classifier import canonical
from chatrec.understanding.text import stem

HELD = Path(__file__).parent / "queries" / "intents_held.txt"
# Share of wordings (bitext) or dialogues (mg_shopdial) that are tested on.
TEST_SHARE = 0.3
# A test request farther than this from every training request (Jaccard, on stems of its content words) is "far".
FAR = 0.5
# Intents of clinc150 that a shop's bot answers, or answers with small talk; all others are out of its scope.
_SHOP_LIKE = frozenset(
    "order order_status cancel cancel_reservation greeting goodbye thank_you are_you_a_bot what_can_i_ask_you what_is_your_name "
    "who_made_you who_do_you_work_for how_old_are_you what_are_your_hobbies do_you_have_pets where_are_you_from yes no maybe repeat "
    "change_ai_name user_name change_user_name shopping_list shopping_list_update card_declined application_status reset_settings".split()
)
_PLACE = re.compile(r"\{\{[^}]*\}\}|\S*\d\S*")


@dataclass(frozen=True, slots=True)
class Split:
    """Texts with labels to train on and to test on; ``far`` marks the tests that no training text comes near."""

    train: tuple[tuple[str, str], ...]
    test: tuple[tuple[str, str], ...]
    far: tuple[bool, ...] = ()


def held() -> list[tuple[str, str]]:
    """(text, intent) of our own utterances that are never trained on."""
    found, intent = [], ""
    for line in HELD.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            intent = line.strip("[] ")
        elif line and not line.startswith("#"):
            found.append((canonical(line), intent))
    return found


def clinc150(root: Path) -> dict[str, list[str]]:
    """Texts out of a shop's scope by kind: ``oos`` as the set labels them, ``foreign`` of intents that are other bots' business."""
    data = json.loads((root / "clinc150" / "data_full.json").read_text(encoding="utf-8"))
    foreign = [text for text, intent in data["test"] if intent not in _SHOP_LIKE]
    return {"oos": [canonical(text) for text, _ in data["oos_test"]], "foreign": [canonical(text) for text in foreign]}


def bitext_support(root: Path) -> Split:
    """27 support intents. A wording is the set of its content words, ids and names aside: no wording stands on both sides."""
    with (root / "bitext_support" / "Bitext_Sample_Customer_Support_Training_Dataset.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            (_PLACE.sub(" ", row["instruction"].replace(row["entity_value"] or "\0", " ")), row["intent"]) for row in csv.DictReader(file)
        ]
    train: list[tuple[str, str]] = []
    test: list[tuple[str, str]] = []
    for text, intent in rows:
        (test if _chosen(" ".join(sorted(_content(text)))) else train).append((canonical(text), intent))
    known = list({_content(text) for text, _ in train})
    return Split(tuple(train), tuple(test), tuple(_distance(_content(text), known) > FAR for text, _ in test))


def mg_shopdial(root: Path) -> Split:
    """What the shoppers' utterances of human dialogues are for (recommendation, search, qa, meta), split by dialogue."""
    dialogues = json.loads((root / "mg_shopdial" / "MGShopDial.json").read_text(encoding="utf-8"))
    train: list[tuple[str, str]] = []
    test: list[tuple[str, str]] = []
    for dialogue in dialogues:
        side = test if _chosen(dialogue["id"]) else train
        side += _of_client(dialogue["utterances"])
    return Split(tuple(train), tuple(test))


def _of_client(utterances: list[dict[str, str]]) -> Iterator[tuple[str, str]]:
    for said in utterances:
        if said["participant"] == "Client" and (text := canonical(said["utterance"])) and said["goal"]:
            yield text, said["goal"]


def _chosen(key: str) -> bool:
    return crc32(key.encode()) / 2**32 < TEST_SHARE


# Words that every wording has, whatever it asks.
_EMPTY = frozenset(
    "i you we to a an the my your me it of for in on with is are be do does can could would will want need like how what where when which "
    "please help have has had there this that if and or some any about get".split()
)


def _content(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in re.findall(r"[a-z]+", text.lower()) if word not in _EMPTY)


def _distance(words: frozenset[str], known: list[frozenset[str]]) -> float:
    return min((1.0 - len(words & other) / max(1, len(words | other)) for other in known), default=1.0)
