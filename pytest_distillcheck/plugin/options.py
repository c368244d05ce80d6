"""The `--distill-*` options, their ini twins, and what they come to together with the configuration file."""

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_distillcheck.assembly import Sources
    from pytest_distillcheck.suites.config import Config

CONFIG_NAME = "distillcheck.yaml"
DEFAULT_CONCURRENCY = 32
EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option: `--distill-NAME` on the command line, `distill_NAME` in the ini file, `NAME` in distillcheck.yaml.

    Attributes:
        metavar: how help names the value; empty for a flag.
        many: whether it may be given several times.
        path: whether its value is a path, relative to where it was written.
        parse: turns the text into the value; raises ValueError.
        written_down: whether it may stand in the ini file too.
    """

    name: str
    help: str
    metavar: str = ""
    many: bool = False
    path: bool = False
    choices: tuple[str, ...] | None = None
    parse: Callable[[str], object] = str
    written_down: bool = True

    @property
    def dest(self) -> str:
        """The name of the ini twin, and of the parsed value."""
        return f"distill_{self.name.replace('-', '_')}"

    @property
    def is_flag(self) -> bool:
        """Whether it has no value."""
        return not self.metavar


def _at_least(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text)
        if number < least:
            raise ValueError(text)
        return number

    return parse


def _amount(text: str) -> float:
    number = float(text)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(text)
    return number


OPTIONS = (
    Option(name="model", metavar="NAME", many=True, help="model under test: NAME or NAME=SPEC; repeatable"),
    Option(
        name="reference",
        metavar="NAME",
        many=True,
        help="reference model, instead of those that the suites name: NAME or NAME=SPEC; repeatable",
    ),
    Option(
        name="similarity-judge",
        metavar="NAME",
        help="who rates similarity: embedded (the default), or a model: NAME or NAME=SPEC",
    ),
    Option(
        name="allow-self-judge",
        help="let a model under test or a reference rate itself; otherwise that is a usage error",
    ),
    Option(
        name="mutator",
        metavar="NAME",
        help="who makes mutants in campaigns: embedded (the default), or a model: NAME or NAME=SPEC",
    ),
    Option(
        name="profile",
        metavar="default|paper",
        choices=("default", "paper"),
        help="paper: the questions, campaign and scores of Lee et al. (ACL 2025); default: default",
    ),
    Option(
        name="baseline",
        metavar="FILE",
        path=True,
        help="results.json of an earlier run, which `max_increase` compares with",
    ),
    Option(
        name="config",
        metavar="FILE",
        path=True,
        help="configuration file; default: the nearest distillcheck.yaml",
    ),
    Option(name="report", metavar="DIR", path=True, help="write results.json to DIR"),
    Option(name="seed", metavar="N", parse=_at_least(0), help="seed of samples; default: 0"),
    Option(
        name="inconclusive",
        metavar="fail|pass",
        choices=("fail", "pass"),
        help="what a gate without enough evidence does to the exit code; default: fail",
    ),
    # In a file it would turn every run green.
    Option(
        name="plan", written_down=False, help="show what would be asked and what it would cost; ask nothing"
    ),
    Option(
        name="build",
        metavar="ID",
        help="which build of the live models this is: its answers are kept and used again",
    ),
    Option(name="resume", help="continue the newest run with these suites and models that broke off"),
    Option(
        name="offline", help="ask no live model; only recordings, callables and what --distill-build has kept"
    ),
    Option(name="require-live", help="refuse answers that are replayed"),
    Option(
        name="record", metavar="DIR", path=True, help="write the live models' answers as recordings to DIR"
    ),
    Option(
        name="concurrency", metavar="N", parse=_at_least(1), help="requests in flight at most; default: 32"
    ),
    Option(
        name="max-requests",
        metavar="N",
        parse=_at_least(1),
        help="requests to send at most, retries included",
    ),
    Option(name="max-cost", metavar="USD", parse=_amount, help="what the requests may cost at most"),
    Option(
        name="allow",
        metavar="HOST[:PORT]=ENV",
        many=True,
        help="let the key in the environment variable ENV be sent to HOST; repeatable",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the options come to: command line over configuration file over ini file.

    Attributes:
        models: NAME or NAME=SPEC.
        sources: where names are looked up.
        references: likewise; empty for those that each suite names.
        similarity_judge: `embedded`, NAME or NAME=SPEC.
        mutator: likewise.
    """

    models: tuple[str, ...]
    sources: "Sources"
    references: tuple[str, ...]
    similarity_judge: str
    allow_self_judge: bool
    mutator: str
    profile: str
    baseline: Path | None
    report: Path | None
    seed: int
    inconclusive_passes: bool
    build: str | None
    resume: bool
    offline: bool
    require_live: bool
    record: Path | None
    concurrency: int
    max_requests: int | None
    max_cost_usd: float | None


def add_options(parser: pytest.Parser) -> None:
    """Add every option to pytest's parser."""
    group = parser.getgroup("distillcheck", "distillcheck: gates for releases of language models")
    for option in OPTIONS:
        flag = f"--distill-{option.name}"
        if option.is_flag:
            group.addoption(flag, dest=option.dest, action="store_true", default=None, help=option.help)
            if option.written_down:
                parser.addini(option.dest, option.help, type="bool", default=False)
        elif option.many:
            group.addoption(
                flag,
                dest=option.dest,
                metavar=option.metavar,
                action="append",
                default=None,
                help=option.help,
            )
            parser.addini(option.dest, option.help, type="linelist")
        else:
            extra: dict[str, Any] = (
                {"choices": option.choices} if option.choices else {"metavar": option.metavar}
            )
            group.addoption(flag, dest=option.dest, default=None, help=option.help, **extra)
            parser.addini(option.dest, option.help, type="string")


def any_given(config: pytest.Config) -> bool:
    """Return whether any of our options was given on the command line or in the ini file."""
    return any(_command_line(config, option) or _ini(config, option) for option in OPTIONS)


def given_on_command_line(config: pytest.Config, name: str) -> bool:
    """Return whether an option was given on the command line."""
    return config.getoption(f"distill_{name}") is not None


def replay_options(config: pytest.Config) -> list[str]:
    """Return the options of this run's command line that another run needs to ask the same."""
    return [
        f"--distill-{option.name}={value}"
        for option in OPTIONS
        if option.name in {"config", "seed", "build"} and (value := _command_line(config, option)) is not None
    ]


def read_settings(config: pytest.Config) -> Settings:
    """Return what the options come to.

    Raises:
        DistillcheckError: an option or the configuration file is wrong.
    """
    from pytest_distillcheck.suites.config import load_config

    path = config_path(config)
    file = load_config(path) if path else None
    values = {option.name: _parsed(config, option, file) for option in OPTIONS}
    return Settings(
        models=tuple(values["model"] or ()),
        sources=_sources(config, file, trusted=bool(values["config"]), bindings=values["allow"] or ()),
        references=tuple(values["reference"] or ()),
        similarity_judge=values["similarity-judge"] or EMBEDDED,
        allow_self_judge=bool(values["allow-self-judge"]),
        mutator=values["mutator"] or EMBEDDED,
        profile=values["profile"] or "default",
        baseline=values["baseline"],
        report=values["report"],
        seed=values["seed"] or 0,
        inconclusive_passes=values["inconclusive"] == "pass",
        build=values["build"],
        resume=bool(values["resume"]),
        offline=bool(values["offline"]),
        require_live=bool(values["require-live"]),
        record=values["record"],
        concurrency=values["concurrency"] or DEFAULT_CONCURRENCY,
        max_requests=values["max-requests"],
        max_cost_usd=values["max-cost"],
    )


def _sources(
    config: pytest.Config, file: "Config | None", *, trusted: bool, bindings: Iterable[str]
) -> "Sources":
    """Return where models are looked up: the run's configuration file, then the user's own."""
    from pytest_distillcheck.assembly import Sources
    from pytest_distillcheck.suites.config import load_config

    own = [load_config(path)] if (path := _users_config_path()).is_file() else []
    # A file deeper than the rootdir may come with a suite of somebody else's.
    ours = [file] if file and (trusted or file.path.parent == config.rootpath) else []
    models = next(option for option in OPTIONS if option.name == "model")
    return Sources(
        folder=_value(config, models, file)[1],
        configs=(*([file] if file else []), *own),
        trusted=(*ours, *own),
        allowed=_allowed(bindings),
    )


def _users_config_path() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "distillcheck" / CONFIG_NAME


def _parsed(config: pytest.Config, option: Option, file: "Config | None") -> Any:
    from pytest_distillcheck.errors import UsageError

    value, folder = _value(config, option, file)
    if value is None or option.is_flag or option.many:
        return value
    if option.choices and value not in option.choices:
        raise UsageError(f"--distill-{option.name}: {value!r} is none of {', '.join(option.choices)}")
    try:
        parsed = option.parse(str(value))
    except ValueError:
        raise UsageError(f"--distill-{option.name}: {value!r} is no {option.metavar} that it takes") from None
    return folder / str(parsed) if option.path else parsed


def _value(config: pytest.Config, option: Option, file: "Config | None") -> tuple[Any, Path]:
    """Return an option's value and the folder in which a relative path among its values starts."""
    if (given := _command_line(config, option)) is not None:
        return given, config.invocation_params.dir
    if file and option.name in file.options:
        return file.options[option.name], file.path.parent
    return _ini(config, option), config.inipath.parent if config.inipath else config.rootpath


def _command_line(config: pytest.Config, option: Option) -> Any:
    return config.getoption(option.dest)


def _ini(config: pytest.Config, option: Option) -> Any:
    return config.getini(option.dest) or None if option.written_down else None


def _allowed(bindings: Iterable[str]) -> dict[str, str]:
    from pytest_distillcheck.errors import UsageError

    allowed = {}
    for binding in bindings:
        host, separator, variable = binding.partition("=")
        if not (host and separator and variable.isidentifier()):
            raise UsageError(f"--distill-allow: {binding!r} is not HOST[:PORT]=ENV")
        allowed[host.lower()] = variable
    return allowed


def config_path(config: pytest.Config) -> Path | None:
    """Return the configuration file that the run uses, or None. Costs a few looks at the file system."""
    for option in OPTIONS:
        if option.name == "config":
            value, folder = _value(config, option, None)
            if value is not None:
                return folder / str(value)
    first = config.args[0].split("::")[0] if config.args else "."
    return _nearest_config((config.invocation_params.dir / first).resolve(), config.rootpath)


def _nearest_config(start: Path, root: Path) -> Path | None:
    """Return the nearest `distillcheck.yaml` from a file or folder up to the rootdir."""
    for folder in (start, *start.parents):
        if (path := folder / CONFIG_NAME).is_file():
            return path
        if folder == root:
            break
    return None
