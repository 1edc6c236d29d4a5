"""The log of Forbear: standard logging under the name `forbear`. Nothing of a case is ever logged."""

from __future__ import annotations

import logging
from typing import Any, TypeVar

LOG = logging.getLogger("forbear")
LOG.addHandler(logging.NullHandler())


Policy = TypeVar("Policy", bound=Any)


def loaded(policy: Policy, source: str) -> Policy:
    """Logs that a policy was loaded from a source; and gives the policy."""
    if LOG.isEnabledFor(logging.INFO):  # else nobody needs the digest
        about = {"policy": policy.name, "version": policy.version, "digest": policy.digest}
        LOG.info("loaded policy %s (version %r, %s) from %r", *about.values(), source, extra=about)
    return policy
