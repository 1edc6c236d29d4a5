"""The actions on which no rule says anything, below the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from forbear.cli.support.printing import marked, print_text, print_wrapped


def print_unsaid(unsaid: Sequence[str], companions: Collection[str], *, wrapped: bool = True) -> None:
    """Prints the unsaid actions: those among the `companions`, which go along with what is permitted, by themselves."""
    for goes_along, what in ((True, "unsaid, so permitted only along"), (False, "unsaid, so not permitted")):
        named = [action for action in unsaid if (action in companions) is goes_along]
        if named:
            (print_wrapped if wrapped else print_text)(f"{marked(what)}: {', '.join(named)}")
