"""The policies that properties draw compare facts with each other, else these properties would say nothing of that."""

from __future__ import annotations

import strategies
from hypothesis import given, settings

import forbear
from forbear.model.conditions import atoms
from forbear.model.relations import Related


def test_relations_are_drawn() -> None:
    found: list[Related] = []

    @settings(max_examples=100, derandomize=True)
    @given(strategies.policies(relations=True))
    def collect(model: strategies.Policy) -> None:
        policy = forbear.loads(model.text).typed
        found.extend(atom for rule in policy.rules for atom in atoms(rule.condition) if isinstance(atom, Related))

    collect()
    assert len({atom.operator for atom in found}) >= 5
    assert any(atom.left.share != 1 or atom.right.share != 1 for atom in found)
    assert any(atom.left.offset or atom.right.offset for atom in found)
