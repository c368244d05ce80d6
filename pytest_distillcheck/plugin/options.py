"""The `--distill-*` options, their ini twins, and what they come to together with the configuration file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_distillcheck.suites.config import Config

CONFIG_NAME = "distillcheck.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option: `--distill-NAME` on the command line, `distill_NAME` in the ini file, `NAME` in distillcheck.yaml.

    Attributes:
        many: whether it may be given several times.
        path: whether its value is a path, relative to where it was written.
    """

    name: str
    metavar: str
    help: str
    many: bool = False
    path: bool = False
    choices: tuple[str, ...] | None = None
    parse: Callable[[str], object] = str

    @property
    def dest(self) -> str:
        """The name of the ini twin, and of the parsed value."""
        return f"distill_{self.name}"


def _natural(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


OPTIONS = (
    Option(name="model", metavar="NAME", many=True, help="model under test: NAME or NAME=SPEC; repeatable"),
    Option(
        name="config",
        metavar="FILE",
        path=True,
        help="configuration file; default: the nearest distillcheck.yaml",
    ),
    Option(name="report", metavar="DIR", path=True, help="write results.json to DIR"),
    Option(name="seed", metavar="N", parse=_natural, help="seed of samples; default: 0"),
    Option(
        name="inconclusive",
        metavar="fail|pass",
        choices=("fail", "pass"),
        help="what a gate without enough evidence does to the exit code; default: fail",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the options come to: command line over configuration file over ini file.

    Attributes:
        models: NAME or NAME=SPEC.
        folder: where relative paths in a SPEC start.
    """

    models: tuple[str, ...]
    folder: Path
    config: "Config | None"
    report: Path | None
    seed: int
    inconclusive_passes: bool


def add_options(parser: pytest.Parser) -> None:
    """Add every option to pytest's parser."""
    group = parser.getgroup("distillcheck", "distillcheck: gates for releases of language models")
    for option in OPTIONS:
        extra: dict[str, Any] = {"choices": option.choices} if option.choices else {"metavar": option.metavar}
        group.addoption(
            f"--distill-{option.name}",
            dest=option.dest,
            action="append" if option.many else "store",
            default=None,
            help=option.help,
            **extra,
        )
        if option.many:
            parser.addini(option.dest, option.help, type="linelist")
        else:
            parser.addini(option.dest, option.help, type="string")


def any_given(config: pytest.Config) -> bool:
    """Return whether any of our options was given on the command line or in the ini file."""
    return any(_command_line(config, option) or _ini(config, option) for option in OPTIONS)


def given_on_command_line(config: pytest.Config, name: str) -> bool:
    """Return whether an option was given on the command line."""
    return config.getoption(f"distill_{name}") is not None


def read_settings(config: pytest.Config) -> Settings:
    """Return what the options come to.

    Raises:
        DistillcheckError: an option or the configuration file is wrong.
    """
    from pytest_distillcheck.errors import UsageError
    from pytest_distillcheck.suites.config import load_config

    path = config_path(config)
    file = load_config(path) if path else None
    values: dict[str, Any] = {}
    for option in OPTIONS:
        value, folder = _value(config, option, file)
        try:
            if value is not None and not option.many:
                value = option.parse(str(value))
        except ValueError:
            raise UsageError(f"--distill-{option.name}: {value!r} is no {option.metavar} >= 0") from None
        if option.choices and value is not None and value not in option.choices:
            raise UsageError(f"distill_{option.name}: {value!r} is none of {', '.join(option.choices)}")
        values[option.name] = folder / str(value) if option.path and value is not None else value
    return Settings(
        models=tuple(values["model"] or ()),
        folder=config.invocation_params.dir,
        config=file,
        report=values["report"],
        seed=values["seed"] or 0,
        inconclusive_passes=values["inconclusive"] == "pass",
    )


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
    return config.getini(option.dest) or None


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
