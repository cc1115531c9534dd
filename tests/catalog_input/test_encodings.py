from __future__ import annotations

import pytest

from chatrec.catalog.encodings import decode
from chatrec.errors import UnreadableFile

TEXT = "item_id,title\n1,Café crème brûlée – für die Küche\n" * 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_unicode_is_read_exactly(encoding: str) -> None:
    assert decode(TEXT.encode(encoding), "f").text == TEXT


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_western_legacy_text_is_read_with_a_warning(encoding: str) -> None:
    text = TEXT.replace("–", "-") if encoding == "latin-1" else TEXT
    found = decode(text.encode(encoding), "f")
    assert (found.text, found.encoding) == (text, "cp1252")
    assert "line 2" in found.note


def test_cyrillic_legacy_text() -> None:
    text = "item_id,title\n" + "1,Палатка двухместная зелёная с тентом от дождя\n" * 20
    found = decode(text.encode("cp1251"), "f")
    assert found.text == text
    assert "cp1251" in found.note


def test_a_few_spoilt_lines_do_not_change_the_others() -> None:
    good = "1,Crème brûlée\n".encode() * 500
    found = decode(good + "2,caf\xe9\n".encode("latin-1") + good, "f")
    assert found.text.count("Crème brûlée") == 1000
    assert "2,café\n" in found.text
    assert "1 lines are not UTF-8" in found.note


def test_plain_utf8_needs_no_note() -> None:
    assert decode(TEXT.encode(), "f").note == ""


@pytest.mark.parametrize(("encoding", "says"), [("utf-8", "line 2: not valid utf-8"), ("klingon", "unknown encoding 'klingon'")])
def test_a_wrong_encoding_in_the_mapping(encoding: str, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says):
        decode("a\ncaf\xe9".encode("latin-1"), "f", encoding)


def test_the_mapping_decides() -> None:
    assert decode("Ångström".encode("cp865"), "f", "cp865").text == "Ångström"
