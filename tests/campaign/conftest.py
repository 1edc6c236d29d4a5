"""A campaign for each surface, whose counts go to the table at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from campaign import Campaign


@pytest.fixture
def campaign(request: pytest.FixtureRequest) -> Iterator[Campaign]:
    found = Campaign(request.node.function.__name__.removeprefix("test_"))
    yield found
    for outcome, number in found.outcomes.items():
        request.node.user_properties.append(("campaign", [found.surface, outcome, number]))
