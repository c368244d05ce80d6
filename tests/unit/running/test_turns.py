import asyncio
import threading
import time
from concurrent.futures import Future

import pytest

from pytest_distillcheck.running.turns import new_watched_loop


@pytest.fixture
def watched():
    loop, give_way = new_watched_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop, give_way
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_what_the_loop_has_to_do_is_done_first(watched):
    loop, give_way = watched
    done = []

    def chain(steps):
        done.append(steps)
        time.sleep(0.001)  # as at each system call, anybody may have Python's lock meanwhile
        if steps:
            loop.call_soon(chain, steps - 1)

    loop.call_soon_threadsafe(chain, 10)
    give_way(10.0)
    assert done == [*range(10, -1, -1)]


def test_a_loop_that_only_waits_holds_nobody_up(watched):
    loop, give_way = watched
    sleeping: Future[None] = asyncio.run_coroutine_threadsafe(asyncio.sleep(10), loop)
    give_way(5.0)
    started = time.monotonic()
    give_way(5.0)
    assert time.monotonic() - started < 1.0
    loop.call_soon_threadsafe(sleeping.cancel)


def test_a_loop_that_always_has_work_lets_others_go_in_the_end(watched):
    loop, give_way = watched
    over = threading.Event()

    def again():
        if not over.is_set():
            loop.call_soon(again)

    loop.call_soon_threadsafe(again)
    started = time.monotonic()
    give_way(0.1)
    waited_s = time.monotonic() - started
    over.set()
    assert 0.1 <= waited_s < 2.0
