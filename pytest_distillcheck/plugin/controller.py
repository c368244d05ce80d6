"""pytest-xdist's controller: it collects nothing, hears of suites and gates from workers, and runs the gates."""

from collections.abc import Generator, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_distillcheck.plugin.main import Main
from pytest_distillcheck.plugin.options import EMBEDDED, config_path
from pytest_distillcheck.plugin.run import WORKER_DAY, WORKER_INPUT, WORKER_OUTPUT

if TYPE_CHECKING:
    from pytest_distillcheck.assembly import ModelUnderTest
    from pytest_distillcheck.plugin.gates import GateItem


class Controller(Main):
    """pytest-xdist's controller: it collects nothing, hears of suites and gates from workers, and runs the gates."""

    def must_check_early(self) -> bool:
        """Return whether the options are this run's business before a suite is seen.

        The configuration file may choose the model, and no suite will be seen here to make us look at it.
        """
        return super().must_check_early() or config_path(self.config) is not None

    @property
    def asks_live(self) -> bool:
        """Whether a live model is asked, as far as options tell: what suites name is heard of later."""
        return super().asks_live or any(model.live for model in self._optional)

    @property
    def _optional(self) -> "Iterator[ModelUnderTest]":
        """The models that options name beside those under test."""
        from pytest_distillcheck.assembly import assemble_models

        settings = self.settings
        for name in (*settings.references, settings.similarity_judge, settings.mutator):
            if name != EMBEDDED:
                yield from assemble_models([name], settings.sources)

    def hear(self, output: dict[str, Any] | None) -> None:
        """Take in which suites a worker collected, and which gates were selected."""
        if not output:
            return
        self.gates.update(output["gates"])
        self.usage_faults = output["usage_faults"]
        self.has_python_tests |= output["has_python_tests"]
        if not self.usage_faults:
            self._open_suites(output["suites"])

    def _open_suites(self, paths: dict[str, str]) -> None:
        from pytest_distillcheck.plugin.collection import SuiteFile

        for nodeid, path in paths.items():
            if nodeid not in self.suites:
                self.suites[nodeid] = SuiteFile.from_parent(self.session, path=Path(path))

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Open the broker before pytest-xdist starts its workers."""
        super().pytest_sessionstart(session)
        if self.must_check_early():
            self.open_sending()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker the run's day, and where the broker is."""
        node.workerinput[WORKER_DAY] = self.day.toordinal()
        if self.sending:
            node.workerinput[WORKER_INPUT] = self.sending.serve()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Hear what a worker that ended has to tell; one that was killed has told it on its first report."""
        self.hear((getattr(node, "workeroutput", None) or {}).get(WORKER_OUTPUT))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Run the gates when the workers are done; not after `-x` or Ctrl-C, as without pytest-xdist."""
        try:
            result = yield
        except BaseException:
            self.close_sending(finished=False)
            raise
        self.close_sending(finished=True)
        if self.usage_faults:
            self.refuse([])
        gates = [
            item for file in self.suites.values() for item in file.gate_items() if item.nodeid in self.gates
        ]
        _run_items(session, gates)
        return result


def _run_items(session: pytest.Session, items: "Sequence[GateItem]") -> None:
    """Run items as pytest's own loop does."""
    session.testscollected += len(items)
    for item, follower in zip_longest(items, items[1:]):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=follower)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
