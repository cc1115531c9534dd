"""Tokens into text as they come, and stop strings in it: nothing of a stop string, nor of anything after it, is ever released."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence


def text_of(tokens: Iterable[int], decode: Callable[[list[int]], str], stop: Sequence[str]) -> Iterator[str]:
    """The text of a stream of tokens, in non-empty chunks, up to the first stop string; no token is asked for after that."""
    stops, read, released = StopFilter(stop), list[int](), 0
    for token in tokens:
        read.append(token)
        text = decode(read)
        if text.endswith("\ufffd"):  # a character of several tokens is not complete yet
            continue
        chunk, released = stops.push(text[released:]), len(text)
        if chunk:
            yield chunk
        if stops.stopped:
            return
    if rest := stops.flush():
        yield rest


class StopFilter:
    """Passes text through until a stop string appears. Text that may be the beginning of one is held back until that is known."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.stopped = False

    def push(self, text: str) -> str:
        """What may be released now; may be empty. After a stop string nothing is released any more."""
        if self.stopped:
            return ""
        self._held += text
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.stopped = True
            released, self._held = self._held[: min(found)], ""
            return released
        keep = self._possible_beginning()
        released, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return released

    def flush(self) -> str:
        """The text still held back, at the end of the stream."""
        released, self._held = self._held, ""
        return released

    def _possible_beginning(self) -> int:
        """Length of the longest end of the held text that begins a stop string."""
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        for size in range(min(longest, len(self._held)), 0, -1):
            end = self._held[-size:]
            if any(stop.startswith(end) for stop in self._stops):
                return size
        return 0
