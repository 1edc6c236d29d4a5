"""`forbear mcp`: policies for agents, over the Model Context Protocol."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from forbear.cli.support import options
from forbear.cli.support.failing import needing, wrong_use
from forbear.cli.support.options import argument, declared, option
from forbear.cli.support.project import project
from forbear.cli.support.reading import must_exist


@declared("mcp")
def command(
    folder: str = argument("FOLDER"),
    cases: str = option("The host's cases: an agent names FOLDER/NAME.json.", "FOLDER", required=True),
    told: tuple[str, ...] = option("A fact that an agent may add. May be repeated.", "FACT", "--tell", multiple=True),
    at: str | None = option("The moment of all questions, to try it out; otherwise it is now.", "MOMENT"),
    settings: Mapping[str, object] = options.settings,
) -> None:
    """Answer agents about the policies of a folder, read-only, over standard input and output, by the Model Context
    Protocol: `may_i`, `when`, `ask_next`, `policies` and `facts`.

    The host has the cases: an agent names one, and may add the facts that --tell lists. No answer has private values,
    and texts of authors are kept apart. Any error means no.

    \b
    Exit code 0: standard input has ended, 1: the folder has errors, 2: wrong use.
    Example: forbear mcp policies --cases cases --tell consents
    """
    with needing("`mcp`", "mcp"):
        from forbear.agents.answers import Door
        from forbear.agents.server import run
        from forbear.library.folder import policies_of
    if must_exist(folder) is None or not Path(cases).is_dir():
        wrong_use("name a folder of rule files, and with --cases a folder of cases")
    policies = policies_of(Path(folder), settings, project().settings)
    known = {fact for its in policies.values() for version in its.versions for fact in version.facts}
    for fact in told:
        if fact not in known:
            wrong_use(f"no policy reads `{fact}`, which --tell names, from a case")
    run(Door(policies, Path(cases), frozenset(told), at))
