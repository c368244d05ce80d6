import pytest

from pytest_distillcheck.errors import SuiteError
from pytest_distillcheck.suites import load_suite


@pytest.fixture
def write(tmp_path):
    """Write a file that a suite names."""

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    return write


@pytest.fixture
def load(tmp_path, write):
    def load(text):
        write("a.distill.yaml", text)
        return load_suite(tmp_path / "a.distill.yaml", shown="a")

    return load


@pytest.fixture
def told(load):
    """Return the faults of a text as a user reads them, without the source lines."""

    def told(text):
        with pytest.raises(SuiteError) as caught:
            load(text)
        return [fault.render("a").split("\n")[0] for fault in caught.value.faults]

    return told
