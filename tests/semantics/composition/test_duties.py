"""Duties of very many levels. What goes along with an action is in `transcripts/duties.txt`."""

from __future__ import annotations

import pytest

import forbear


@pytest.mark.parametrize("forbids", [False, True])
def test_sixty_levels(forbids: bool) -> None:
    """Each of two actions asks for both of the next: so many ways that nobody can write them out."""
    levels = range(60)
    text = "fact g yes/no\n" + "".join(f"action a{level}, b{level}\n" for level in levels)
    text += "".join(f"rule r{n}: require a{n + 1}, b{n + 1} with a{n}, b{n}\n" for n in levels[:-1])
    text += "rule go: always then allow a0\n" + ("rule stop: never a59 when g\n" if forbids else "")
    assert len(forbear.loads(text).decide({"g": False})["a0"].along) == 118
    if forbids:
        assert not forbear.loads(text).permits("a0", {"g": True})


def test_what_would_be_too_much_is_refused() -> None:
    levels = range(60)
    text = "fact g yes/no\n" + "".join(f"action a{level}, b{level}\n" for level in levels)
    text += "".join(f"rule r{n}: require a{n + 1}, b{n + 1} with a{n}, b{n} when g\n" for n in levels[:-1])
    text += "rule stop: never a59 when g\n"
    with pytest.raises(forbear.PolicyError, match="has more than 10,000 comparisons"):
        forbear.loads(text)
