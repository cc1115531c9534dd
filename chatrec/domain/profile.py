"""What a shop keeps of a verified shopper over time, for the shopper to see, change and erase."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatrec.domain.need import Constraint

FROM_PROFILE = "remembered from before"
"""What a constraint ``said`` that comes from the profile: nobody said it in this dialogue."""
MOST_KEPT = 100
MOST_WISHES = 30


@dataclass(frozen=True, slots=True)
class Profile:
    """``liked`` and ``disliked`` are item ids, newest last; ``tastes`` are weights by ``facet:value``. ``wishes`` are what the shopper
    agreed to have remembered: sizes, brands and the like, as soft constraints (PREFER or AVOID)."""

    user_id: str
    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    tastes: tuple[tuple[str, float], ...] = ()
    wishes: tuple[Constraint, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept."""
        return not (self.liked or self.disliked or self.tastes or self.wishes)

    def judging(self, liked: tuple[str, ...], disliked: tuple[str, ...]) -> Profile:
        """This profile with newer judgements; the newest of an item counts."""
        newer = {*liked, *disliked}
        return replace(
            self,
            liked=(*(i for i in self.liked if i not in newer), *liked)[-MOST_KEPT:],
            disliked=(*(i for i in self.disliked if i not in newer), *disliked)[-MOST_KEPT:],
        )

    def wishing(self, wish: Constraint) -> Profile:
        """This profile with one more wish; of one field and value the newer stands, and a new size takes the place of the old."""
        kept = tuple(w for w in self.wishes if not _displaced(w, wish))
        return replace(self, wishes=(*kept, wish)[-MOST_WISHES:])

    def without(self, key: str) -> Profile:
        """This profile without one entry: ``wish:<key of the constraint>``, ``item:<id>`` or ``taste:<facet:value>``."""
        kind, _, name = key.partition(":")
        if kind == "wish":
            return replace(self, wishes=tuple(w for w in self.wishes if wish_key(w) != name))
        if kind == "taste":
            return replace(self, tastes=tuple(t for t in self.tastes if t[0] != name))
        return replace(self, liked=tuple(i for i in self.liked if i != name), disliked=tuple(i for i in self.disliked if i != name))


def wish_key(wish: Constraint) -> str:
    """Names one wish of a profile."""
    return f"{wish.strength.value}:{wish.key}"


def _displaced(old: Constraint, new: Constraint) -> bool:
    if old.field != new.field:
        return False
    same = {v.casefold() for v in old.values} & {v.casefold() for v in new.values}
    return bool(same) or (old.field == new.field and old.strength is new.strength and "size" in new.field.casefold())
