"""The plugin is a guest: nothing is there until a suite or an option is, and it lives with pytest's other guests."""

import pytest

HEAVY = ("httpx", "yaml", "jsonschema", "sqlite3", "syrupy")
OURS = ("assembly", "suites", "identity", "clients", "stores", "running", "reports", "plugin.collection")

SPY = """
import sys
def pytest_unconfigure():
    print("LOADED", *sorted(sys.modules))
"""


def tree(project):
    """Return every file and folder of the project, without what pytester itself leaves."""
    names = (str(path.relative_to(project.path)) for path in project.path.rglob("*"))
    return sorted(name for name in names if name not in {"stdout", "stderr"} and "runpytest-" not in name)


def test_a_run_without_suites_leaves_no_trace(project, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    project.write("conftest.py", SPY)
    project.write("test_plain.py", "def test_it(): pass\n")
    project.write("notes.yaml", "not: a suite\n")
    before = tree(project)

    run = project.run("-pno:cacheprovider", "-pno:xdist", "-Werror", "-v", apart=True)

    assert (run.code, run.counts) == (0, {"passed": 1})
    assert tree(project) == before
    loaded = run.line_with("LOADED").split()
    assert "pytest_distillcheck.plugin" in loaded, "the plugin was there"
    assert [name for name in HEAVY if name in loaded] == []
    assert [name for name in OURS if f"pytest_distillcheck.{name}" in loaded] == []
    said = [line for line in run.text.splitlines() if "distill" in line and not line.startswith("LOADED")]
    # pytest's own list of plugins, and the project's path.
    assert [line for line in said if not line.startswith(("plugins: ", "rootdir: "))] == []


def test_a_run_of_a_configuration_file_without_suites_says_nothing(project):
    project.write("distillcheck.yaml", "model: ['qwen-max=python:models:honest']\n")
    project.write("test_plain.py", "def test_it(): pass\n")
    run = project.run("test_plain.py")
    assert (run.code, run.counts) == (0, {"passed": 1})
    assert "distillcheck:" not in run.text
    assert "= distillcheck =" not in run.text


def test_blocked_the_plugin_collects_nothing(project):
    project.suite(n=1)
    project.write("test_plain.py", "def test_it(): pass\n")
    run = project.run("-pno:distillcheck")
    assert (run.code, run.counts) == (0, {"passed": 1})
    run = project.run("-pno:distillcheck", model="impostor")
    assert run.code == 4
    assert run.line_with("unrecognized arguments: --distill-model")


@pytest.mark.parametrize("name", ["distillcheck", "pytest_distillcheck.plugin"])
def test_the_plugin_can_be_named_when_plugins_are_not_loaded_by_themselves(project, monkeypatch, name):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    suite = project.suite(n=2, gates={"loose": {"max": 0}})
    run = project.run(suite, f"-p{name}", model="one_slip")
    assert (run.code, run.counts) == (1, {"passed": 1, "contradiction": 1, "failed": 1})


def test_the_plugin_may_be_named_though_it_loads_by_itself(project):
    assert project.run(project.suite(n=1), "-pdistillcheck", model="honest").code == 0


GUESTS = {
    "no terminal": ("-pno:terminal",),
    "no cache": ("-pno:cacheprovider",),
    "no stepwise": ("-pno:stepwise",),
    "no skipping": ("-pno:skipping",),
    "no junit": ("-pno:junitxml",),
    "no capture": ("-s",),
    "warnings are errors": ("-Werror",),
    "strict markers": ("--strict-markers", "--strict-config"),
    "strict": ("-ostrict=true",),
    "import mode importlib": ("--import-mode=importlib",),
    "import mode append": ("--import-mode=append",),
    "other python names": ("-opython_functions=check_*", "-opython_files=check_*.py"),
    "no doctest of suites": ("--doctest-modules", "--doctest-glob=*.yaml"),
    "anyio and syrupy": ("-panyio", "-psyrupy"),
    "times": ("-oconsole_output_style=times", "--durations=2"),
    "colour": ("--color=yes",),
    "short": ("-qq", "--no-summary"),
}


@pytest.mark.parametrize("flags", GUESTS.values(), ids=GUESTS)
def test_other_settings_of_pytest_change_no_outcome(project, flags):
    project.suite("a", n=2, top={"tags": ["release"]}, gates={"loose": {"max": 0}})
    project.suite("b", n=1, models=["qwen-bad"])
    good = project.run(*flags, "--distill-report=good", model="qwen-good=python:models:honest")
    bad = project.run(*flags, "--distill-report=bad", model="qwen-bad=python:models:impostor")
    assert "INTERNALERROR" not in good.text + bad.text
    assert (good.code, bad.code) == (0, 1)
    assert [gate["decision"] for gate in project.results("good")["gates"]] == ["PASS"]
    assert [gate["decision"] for gate in project.results("bad")["gates"]] == ["FAIL"]


def test_the_exit_codes_do_not_need_a_terminal(project):
    suite = project.suite(n=1, gates={"loose": {"max": 0.1, "confidence": 0.95}})
    assert project.run(suite, "-pno:terminal", model="honest").code == 10
    assert project.run(suite, "-pno:terminal", model="raising").code == 11


def test_nothing_is_written_without_being_asked_for(project, monkeypatch):
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    suite = project.suite(n=2, gates={"loose": {"max": 1}})
    before = tree(project)
    assert project.run(suite, "-pno:cacheprovider", model="impostor").code == 0
    assert tree(project) == before
