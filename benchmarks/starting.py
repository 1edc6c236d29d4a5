"""How long a command takes to start, and a process to its first decision, beside importing what it stands on.

Lark checks a grammar for collisions where `interegular` is installed, which users do not have: measure in an
environment without it (`pip install .`), or the second figure speaks of Lark's check. Modules are read as Python keeps
them, compiled, whatever `PYTHONDONTWRITEBYTECODE` says here. First decisions are also made on a case with a sum: a
whole number, and cents as `Decimal`, `float` and text. It starts some 800 processes, which takes minutes.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import turn_by_turn, verdict
from workload import FORMS, with_cents

import forbear
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import facts_read
from forbear.targets.python.module import compile_module

ROUNDS = 20
PACK = "pack:huabei/redesigned"
ON = "2025-03-01"
WITH_A_SUM = "pack:huabei/suspended"
SUM_ON = "2015-10-01"
"""A pack that reads a sum, and a day on which it is in force."""
ISSUER = Path(__file__).resolve().parent.parent / "rules" / "examples" / "us_card_issuer.forbear"
"""A policy of the size that lenders have, under two standards."""
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder))


def measure(folder: Path) -> None:
    """Uses a folder for the compiled module, which Python keeps compiled there after the first run."""
    policy, with_a_sum = forbear.load(PACK), forbear.load(WITH_A_SUM)
    case = plain_case(policy)
    policy.decide(case, ON)
    (folder / "compiled.py").write_text(compile_module(policy.typed), encoding="utf-8")
    (folder / "with_a_sum.py").write_text(compile_module(with_a_sum.typed), encoding="utf-8")
    of_form = dict(zip(FORMS, (with_cents([plain_case(with_a_sum)], form)[0] for form in FORMS), strict=True))

    def run(*arguments: str) -> object:
        def once() -> None:
            command = [sys.executable, *arguments]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT, cwd=folder)

        return once

    if importlib.util.find_spec("interegular"):
        print("interegular is installed here: see the head of this file")

    def first_run() -> None:
        with tempfile.TemporaryDirectory() as cache:
            command = [sys.executable, "-m", "forbear", "validate", "pack:huabei/redesigned"]
            environment = {**ENVIRONMENT, "XDG_CACHE_HOME": cache}
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)

    contenders = [
        run("-c", "import lark, attrs, click"),
        run("-m", "forbear", "--version"),
        run("-m", "forbear", "validate", "pack:huabei/redesigned"),
        first_run,
        run("-m", "forbear", "validate", str(ISSUER)),
        run("-c", f"import forbear; forbear.load({PACK!r}).decide({case!r}, {ON!r})"),
        run("-c", "pass"),
        run("-c", f"import compiled; compiled.decide({case!r}, {ON!r})"),
    ]
    for form, summed in of_form.items():
        assert with_a_sum.decide(summed, SUM_ON)
        # Who has a `Decimal` has imported its module, so Python alone makes the same case.
        made = f"{'from decimal import Decimal; ' * (form == 'Decimal')}case = {summed!r}"
        contenders += [
            run("-c", f"{made}; import forbear; forbear.load({WITH_A_SUM!r}).decide(case, {SUM_ON!r})"),
            run("-c", made),
            run("-c", f"{made}; import with_a_sum; with_a_sum.decide(case, {SUM_ON!r})"),
        ]
    times = turn_by_turn(contenders, ROUNDS, worked)  # type: ignore[arg-type]
    base, version, validate, first, issuer, decided, bare, module, *by_form = times
    print(f"imports {base * 1e3:.0f} ms, --version {version * 1e3:.0f} ms, validate {validate * 1e3:.0f} ms")
    print(f"the first validate on a machine, which makes the parser's tables: {first * 1e3:.0f} ms, {first / base:.2f}")
    print(f"a first decision {decided * 1e3:.0f} ms")
    print(f"Python alone {bare * 1e3:.0f} ms, with a compiled module and a decision by it {module * 1e3:.0f} ms")
    held = [
        verdict("forbear --version, to `import lark, attrs, click`", version / base, 1.5),
        verdict("forbear validate of a bundled pack, to the same", validate / base, 4.0),
        verdict(f"forbear validate of {ISSUER.name}, in seconds", issuer, 0.5),
        verdict("load of a bundled pack and a first decision, to the imports", decided / base, 3.0),
        verdict("import of a compiled module and a first decision, to Python", module / bare, 1.3),
    ]
    for at, form in enumerate(FORMS):
        decided, bare, module = by_form[3 * at : 3 * at + 3]
        held += [
            verdict(f"{form}: load and a first decision, to the imports", decided / base, 3.0),
            verdict(f"{form}: compiled module, first decision, to Python", module / bare, 1.3),
        ]
    sys.exit(0 if all(held) else 1)


def worked() -> float:
    """How long the processors worked for the processes that have ended, in seconds: others on the machine matter less
    than by the clock."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def plain_case(policy: forbear.Policy) -> dict[str, object]:
    """A case of the facts that the rules read and that it needs."""
    facts = policy.typed.facts
    return {name: plain(facts[name]) for name in facts_read(policy.typed) if not facts[name].optional}


def plain(fact: Fact) -> object:
    """Some value of a fact."""
    if fact.or_none:
        return "none"
    match fact.kind.storage:
        case Storage.FLAG:
            return False
        case Storage.TIME:
            return "10:00"
        case Storage.DATE:
            return ON
        case Storage.NUMBER:
            return 12
        case _:
            return fact.names[0] if fact.names else "text"


if __name__ == "__main__":
    main()
