"""Spares a run what Python's garbage collector would do in vain.

A run makes objects and keeps them to its end, tests, reports and records, a hundred and more a probe, and next to none is
garbage. The collector walked over all of them again and again, which took a fifth of the time of 2,000 probes.
"""

import atexit
import gc
from collections.abc import Callable

_YOUNG = 10_000  # Python's own, 700 up to 3.13, is reached several times a test


def collect_less_often() -> Callable[[], None]:
    """Have the collector look at new objects less often, and return what ends that.

    If it looks as seldom already, or never, that stays.
    """
    young, *older = gc.get_threshold()
    if 0 < young < _YOUNG:
        gc.set_threshold(_YOUNG, *older)
    return lambda: gc.set_threshold(young, *older)


class SetAside:
    """What the collector passes over: at first all that was there when the tests began, in the end what they left, too.

    Where somebody else has set objects aside it does nothing, since a process has one place for them.
    """

    def __init__(self) -> None:
        self._is_ours = gc.get_freeze_count() == 0

    def add(self) -> None:
        """Have the collector pass over what exists now."""
        if self._is_ours:
            gc.freeze()

    def give_back(self) -> None:
        """Have the collector look at everything again."""
        if self._is_ours:
            gc.unfreeze()


def set_aside_at_exit() -> None:
    """Have the interpreter not search for cycles when it exits, in what is left then.

    That is what modules hold, and with it the whole run: each module that pytest rewrote holds its loader, and that the
    run. What was garbage, pytest has collected when it unconfigured. All else of an exit happens: exit handlers, the end
    of threads, the emptying of modules and what that releases. Only a cycle that is alive to the very end is not taken
    apart any more, of which Python promises nothing: see `object.__del__`.
    """
    atexit.unregister(gc.freeze)  # once is enough, however many runs this process makes
    atexit.register(gc.freeze)
