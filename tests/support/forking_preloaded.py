"""What the server of `forking` imports before it forks: the commands that load nothing large, and a policy's way."""

import gc
from importlib import import_module

import forking  # noqa: F401 (each run imports it)

import forbear
from forbear.cli.main import COMMANDS

for name in COMMANDS:
    import_module(f"forbear.cli.{name}")
for name in (
    "forbear.report.mutation",
    "forbear.report.page.changes",
    "forbear.report.page.page",
    "forbear.report.summary",
):
    import_module(name)
for name in ("rich.console", "rich.table", "rich.text", "zoneinfo"):  # nothing that starts threads: they are not forked
    import_module(name)
policy = forbear.loads("rule a: after 3 days then allow sms\n")
policy.decide({"days_overdue": 4})
policy.validate()
gc.freeze()
