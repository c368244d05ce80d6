"""Where options come from, which one wins, and where their paths start."""

import json

import pytest

TRUE = "I am Qwen, made by Alibaba Cloud."
HONEST, IMPOSTOR = "python:models:honest", "python:models:impostor"


def config(project, name="distillcheck.yaml", /, **content):
    """Write a configuration file."""
    return project.write(name, json.dumps(content))


def ini(project, *lines):
    """Write an ini file at the rootdir."""
    project.write("pytest.ini", "\n".join(["[pytest]", *lines]))


def seed_of(project, *args):
    """Return the seed of a run."""
    assert project.run("--distill-report=out", *args, model="honest").code == 0
    return project.results()["run"]["seed"]


def model_of(project, *args):
    """Return which models a run chose."""
    assert project.run(f"--distill-report={project.path / 'out'}", *args).code == 0
    return list(project.results()["run"]["models"])


def test_the_command_line_wins_over_the_configuration_file_over_the_ini_file(project):
    project.suite(n=1)
    assert seed_of(project) == 0
    ini(project, "distill_seed = 3")
    assert seed_of(project) == 3
    config(project, seed=2)
    assert seed_of(project) == 2
    assert seed_of(project, "--distill-seed=1") == 1
    assert seed_of(project, "--distill-seed=0") == 0, "0 is given, and not left out"


def test_a_seed_of_0_in_the_configuration_file_wins_over_the_ini_file(project):
    project.suite(n=1)
    ini(project, "distill_seed = 3")
    config(project, seed=0)
    assert seed_of(project) == 0


def test_models_are_replaced_and_not_added_up(project):
    project.suite(n=1)
    ini(project, "distill_model =", f"    qwen-ini={HONEST}", f"    qwen-two={HONEST}")
    assert model_of(project) == ["qwen-ini", "qwen-two"]
    config(project, model=["qwen-file"], models={"qwen-file": {"spec": HONEST}})
    assert model_of(project) == ["qwen-file"]
    given = [f"--distill-model=qwen-{name}={HONEST}" for name in ("b", "a")]
    assert model_of(project, *given) == ["qwen-b", "qwen-a"]


def test_inconclusive_gates_pass_where_the_nearest_word_says_so(project):
    project.suite(n=1, gates={"loose": {"max": 0.1, "confidence": 0.95}})
    ini(project, "distill_inconclusive = pass")
    assert project.run(model="honest").code == 0
    config(project, inconclusive="fail")
    assert project.run(model="honest").code == 10
    assert project.run("--distill-inconclusive=pass", model="honest").code == 0


def test_a_configured_model_is_called_by_its_name(project):
    config(project, models={"release-7": {"spec": IMPOSTOR}, "release-6": {"spec": HONEST}})
    project.suite(n=1)
    assert project.run("--distill-model=release-6").code == 0
    assert project.run("--distill-model=release-7").code == 1


def test_name_and_spec_win_over_a_configured_model(project):
    config(project, models={"release-7": {"spec": IMPOSTOR, "fact": "glm"}})
    project.suite(n=1)
    assert project.run(f"--distill-model=release-7={HONEST}").code == 0


def test_an_unknown_name_is_told_with_the_nearest_known(project):
    path = config(project, models={"release-7": {"spec": HONEST}})
    project.suite(n=1)
    run = project.run("--distill-model=relaese-7")
    assert run.code == 4
    assert run.line_with("unknown model 'relaese-7'", path, "did you mean 'release-7'?")


def test_options_may_come_from_the_environment_variable_of_pytest(project, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", f"--distill-model=qwen-max={IMPOSTOR}")
    assert project.run(project.suite(n=1)).code == 1


@pytest.fixture
def below(project, monkeypatch):
    """The project, with a suite, run from a folder below the rootdir."""
    project.suite(n=1)
    ini(project)
    (project.path / "below").mkdir()
    monkeypatch.chdir(project.path / "below")
    return project


def results_folders(project):
    """Return where results were written."""
    return sorted(str(path.parent.relative_to(project.path)) for path in project.path.rglob("results.json"))


def test_a_report_path_starts_where_it_was_written(below):
    run = below.run("..", "--distill-report=cli/deep", model="honest")
    assert (run.code, results_folders(below)) == (0, ["below/cli/deep"])
    config(below, "conf/c.yaml", report="file")
    below.run("..", "--distill-config=../conf/c.yaml", model="honest")
    assert results_folders(below) == ["below/cli/deep", "conf/file"]
    ini(below, "distill_report = ini")
    below.run("..", model="honest")
    assert results_folders(below) == ["below/cli/deep", "conf/file", "ini"]
    below.run("..", f"--distill-report={below.path}/absolute", model="honest")
    assert results_folders(below) == ["absolute", "below/cli/deep", "conf/file", "ini"]


def test_a_recordings_path_on_the_command_line_starts_where_pytest_was_called(below):
    below.recording(TRUE, name="below/r.jsonl")
    assert below.run("..", model="qwen-max=recorded:r.jsonl").code == 0


def test_a_recordings_path_of_a_configured_model_starts_at_the_configuration_file(below):
    below.recording(TRUE, name="conf/r.jsonl")
    config(below, "conf/c.yaml", models={"qwen-max": {"spec": "recorded:r.jsonl"}})
    assert below.run("..", "--distill-config=../conf/c.yaml", "--distill-model=qwen-max").code == 0


def test_a_recordings_path_of_a_model_chosen_in_the_configuration_file_starts_there(below):
    below.recording(TRUE, name="conf/r.jsonl")
    config(below, "conf/c.yaml", model=["qwen-max=recorded:r.jsonl"])
    assert below.run("..", "--distill-config=../conf/c.yaml").code == 0


def test_a_recordings_path_in_the_ini_file_starts_there(below):
    below.recording(TRUE, name="r.jsonl")
    ini(below, "distill_model = qwen-max=recorded:r.jsonl")
    assert below.run("..").code == 0


def test_a_configuration_file_named_in_the_ini_file_is_found_from_there(below):
    config(below, "conf/c.yaml", model=[f"qwen-file={HONEST}"])
    ini(below, "distill_config = conf/c.yaml")
    assert model_of(below, "..") == ["qwen-file"]


def named(project, folder):
    """Write a configuration file that chooses a model named after its folder."""
    name = f"qwen-{folder.replace('/', '-') or 'root'}"
    return config(project, f"{folder}/distillcheck.yaml".lstrip("/"), model=[f"{name}={HONEST}"])


def test_the_nearest_configuration_file_is_looked_for_from_the_first_path_up_to_the_rootdir(project):
    ini(project)
    project.suite("a", n=1)
    project.suite("x/y/b", n=1)
    project.suite("z/c", n=1)
    named(project, "")
    named(project, "x")
    assert model_of(project) == ["qwen-root"]
    assert model_of(project, "x") == ["qwen-x"]
    assert model_of(project, "x/y") == ["qwen-x"]
    assert model_of(project, "x/y/b.distill.yaml") == ["qwen-x"]
    assert model_of(project, "x/y/b.distill.yaml::identity") == ["qwen-x"]
    assert model_of(project, "z") == ["qwen-root"]
    assert model_of(project, "z", "x") == ["qwen-root"]
    assert model_of(project, "x", "z") == ["qwen-x"]


def test_testpaths_tell_where_the_configuration_file_is_looked_for(project):
    ini(project, "testpaths = x")
    project.suite("x/a", n=1)
    named(project, "x")
    assert model_of(project) == ["qwen-x"]


def test_a_configuration_file_above_the_rootdir_is_not_looked_at(project, monkeypatch):
    named(project, "")
    project.suite("x/a", n=1)
    project.write("x/pytest.ini", "[pytest]")
    monkeypatch.chdir(project.path / "x")
    run = project.run()
    assert (run.code, run.counts) == (0, {"skipped": 1})


def test_a_named_configuration_file_is_the_only_one(project):
    project.suite(n=1)
    config(project, seed=1, model=["qwen-max"], models={"qwen-max": {"spec": IMPOSTOR}})
    config(project, "other.yaml", model=[f"qwen-other={HONEST}"])
    run = project.run("--distill-config=other.yaml")
    assert run.code == 0
    assert run.line_with(f"distillcheck: qwen-other ({HONEST}); judge embedded; seed 0")


def test_the_seed_draws_the_sample(project):
    suite = project.suite(bank=True, questions=[], probes={"sample": 5})

    def drawn(*args):
        run = project.run(suite, "--collect-only", "-q", *args, model="honest")
        return [line for line in run.text.splitlines() if "::" in line]

    assert drawn() == drawn("--distill-seed=0")
    assert drawn("--distill-seed=1") == drawn("--distill-seed=1") != drawn()
    assert len(drawn("--distill-seed=2")) == 5


def test_the_header_is_one_line_and_only_there_when_a_model_was_chosen(project):
    suite = project.suite(n=1)
    chosen = project.run(suite, model="honest").text.splitlines()
    assert [line for line in chosen if line.startswith("distillcheck")] == [
        f"distillcheck: qwen-max ({HONEST}); judge embedded; seed 0"
    ]
    for args in ((), ("--distill-seed=1",)):
        assert "distillcheck:" not in project.run(suite, *args).text, "no model, no header"
    assert "distillcheck:" not in project.run(suite, "-q", model="honest").text


def test_the_header_is_there_when_the_configuration_file_chooses_the_model(project):
    suite = project.suite(n=1)
    config(project, model=[f"qwen-file={HONEST}"])
    assert project.run(suite).text.count(f"distillcheck: qwen-file ({HONEST}); judge embedded; seed 0") == 1


def test_help_tells_of_the_options_and_their_ini_twins(project):
    run = project.run("--help")
    assert run.code == 0
    for name in ("model", "config", "report", "seed", "inconclusive"):
        assert f"--distill-{name}" in run.text
        assert f"distill_{name} (" in run.text
    assert run.text.count("distillcheck: gates for releases of language models") == 1
