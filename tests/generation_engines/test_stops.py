"""Stop strings across chunk borders."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatrec.generation.stops import StopFilter

LETTERS = st.text("ab<", max_size=12)


@given(st.lists(LETTERS, max_size=6), st.lists(st.text("ab<", min_size=1, max_size=3), max_size=3))
def test_releases_what_stands_before_the_first_stop(chunks: list[str], stops: list[str]) -> None:
    stream = StopFilter(stops)
    released = "".join([stream.push(chunk) for chunk in chunks] + [stream.flush()])
    whole = "".join(chunks)
    ends = [at for stop in stops if (at := whole.find(stop)) >= 0]
    if stream.stopped:
        # a longer stop string may begin earlier but end in a later chunk: whichever is complete first ends the text
        assert ends and whole.startswith(released) and len(released) >= min(ends)
        assert not any(stop in released for stop in stops)
    else:
        assert not ends
        assert released == whole


def test_holds_back_only_a_possible_beginning() -> None:
    stream = StopFilter(["\n[3]"])
    assert stream.push("take [1]\n") == "take [1]"
    assert stream.push("[3") == ""
    assert stream.push("0]") == "\n[30]"
    assert stream.push("x\n[3] y") == "x"
    assert stream.stopped
    assert stream.push("more") == "" and stream.flush() == ""
