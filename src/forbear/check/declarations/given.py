"""What a file is given from outside: by whoever loads it, and by the policies that are subject to it."""

from __future__ import annotations

from collections.abc import Mapping

from forbear.base.frozen import frozen
from forbear.base.source import Place
from forbear.language.model.facts import Group
from forbear.language.model.policy import Terms
from forbear.language.syntax.nodes import Literal

NO_TERMS = Terms((), {}, {})


@frozen
class Given:
    """Values for settings, from whoever loads a policy, and its terms, from the policies that are subject to it.

    `name` is that of the policy.
    """

    name: str
    settings: Mapping[str, object]
    terms: Terms = NO_TERMS

    def by_policy(self, setting: str) -> Literal | None:
        """The value that a policy under this one gives to a setting. One of a standard over this one is STANDARD.NAME
        here too."""
        setting_given = self.terms.settings.get(setting if "." in setting else f"{self.name}.{setting}")
        return None if setting_given is None else setting_given.value

    def added_to(self, group: str, declared: Place) -> tuple[str, ...]:
        """The actions that policies under this one have in a group, by its name and the place of its declaration."""
        return added_to(group, declared, self.terms)


def added_to(name: str, declared: Place, terms: Terms) -> tuple[str, ...]:
    """The actions that a group has by these terms, where it is declared in a file that both use."""
    return tuple(
        dict.fromkeys(
            action
            for group in terms.groups
            if group.name == name and _is_one(group, declared)
            for action in group.actions
        )
    )


def _is_one(group: Group, declared: Place) -> bool:
    """Whether a group is declared there. One file may be called by two names, as it is seen from two folders."""
    return group.place.span == declared.span and group.place.source.text == declared.source.text
