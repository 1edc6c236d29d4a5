"""Problems are codes with arguments; and what takes too long is bounded."""

from __future__ import annotations

import ast
import asyncio
import threading
from functools import partial
from pathlib import Path

import pytest
from service_process import written

from forbear.service import problems
from forbear.service.app import THREADS, Threads
from forbear.service.bodies import IN_ALL, Bodies
from forbear.service.metrics import Metrics
from forbear.service.policies import Origin
from forbear.service.problems import PROBLEMS, Problem
from forbear.service.watching import Folder


def test_each_code_is_used() -> None:
    used = {"case"}  # what `of_case` has unless told otherwise
    for file in Path(problems.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("problem", "nothing_of", "of_case"):
                used |= {str(its.value) for its in node.args if isinstance(its, ast.Constant)}
    assert used == set(PROBLEMS)


def test_threads_that_work_for_nobody_are_bounded(tmp_path: Path) -> None:
    """What nobody waits for any more runs to its end in few threads; what has not begun never does."""
    metrics = Metrics(Folder(Origin(written(tmp_path / "policies"))), None)
    threads, go, begun = Threads(metrics), threading.Event(), []

    def slow(number: int) -> int:
        begun.append(number)
        assert go.wait(20)
        return number

    async def tried() -> None:
        tasks = [asyncio.create_task(threads.run(partial(slow, number))) for number in range(THREADS + 2)]
        while len(begun) < THREADS:
            await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()  # as a time limit does
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (sorted(begun), metrics.overtime) == ([*range(THREADS)], THREADS)
        with pytest.raises(Problem) as refused:
            await threads.run(lambda: slow(9))
        assert (refused.value.reply.status, refused.value.reply.headers) == (503, ((b"retry-after", b"1"),))
        go.set()
        while metrics.overtime:
            await asyncio.sleep(0.01)
        assert await threads.run(lambda: slow(7)) == 7

    asyncio.run(asyncio.wait_for(tried(), 20))
    threads.end()
    assert sorted(begun) == [*range(THREADS), 7]


def test_bodies_that_wait_for_their_answers_are_bounded() -> None:
    bodies, half = Bodies(IN_ALL), bytes(IN_ALL // 2)
    with bodies.holding(half):
        with bodies.holding(half), pytest.raises(Problem), bodies.holding(b"x"):
            raise AssertionError
        with bodies.holding(half):
            pass
