"""A loaded policy never changes: neither it, nor anything that hangs on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, MutableSequence, MutableSet

import attrs
import pytest

import forbear

TEXT = """
policy p
setting grace is 3
event called
  has answered yes/no
fact calls count of called where answered in last 7 days
fact n count
fact d days clock
action sms, email
group messages is sms, email
ladder l: sms, email rising with n
define lost is n > grace
rule ask: lost or calls > 3 then allow messages
rule hold: after 3 days then forbid sms overrides ask
example "e": given n 4, d 0, calls 0 on 2015-09-22 expect sms allowed
ensure sms forbidden when after 3 days
accept hole of sms because "so"
"""


def parts(value: object) -> Iterator[object]:
    """A value and all that it holds."""
    yield value
    if attrs.has(type(value)):
        for field in type(value).__attrs_attrs__:  # type: ignore[attr-defined]
            yield from parts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from parts(part)
    elif isinstance(value, (tuple, list, set, frozenset)):
        for part in value:
            yield from parts(part)


def test_nothing_in_a_policy_can_be_written_to() -> None:
    policy = forbear.loads(TEXT)
    found = list(parts(policy.typed))
    assert len(found) > 100
    for part in found:
        assert not isinstance(part, (MutableMapping, MutableSequence, MutableSet)), part
    with pytest.raises(TypeError):
        policy.typed.facts["other"] = policy.typed.facts["n"]  # type: ignore[index]
    with pytest.raises(TypeError):
        policy.typed.events["called"].facts["other"] = policy.typed.facts["n"]  # type: ignore[index]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        policy.typed.name = "other"  # type: ignore[misc]


def test_a_policy_has_no_place_for_more() -> None:
    policy = forbear.loads(TEXT)
    with pytest.raises(AttributeError):
        policy.name = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        policy.colour = "red"  # type: ignore[attr-defined]
