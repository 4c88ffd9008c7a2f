"""From an interface to texts, in memory.

The room of rendering: targets are found here and their templates run.  A target is a module in
:mod:`uapigen.targets` with a ``TARGET`` and a folder of templates; nothing has to list it.  No file
but the templates is touched.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from uapigen.escape import Language
from uapigen.model import Interface
from uapigen.record import Record

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


class Target(Record):
    """One kind of output.

    ``file`` is the pattern of the file's name, in which ``{name}`` is the interface's name with
    underscores and ``{header}`` the file of the header that it goes into.  ``template`` is a path below
    ``templates/``.  ``context`` computes what the template prints besides the interface itself.
    ``applies``: whether there is anything to print of an interface; None where there always is.
    """

    name: str
    help: str
    file: str
    language: Language
    template: str
    context: Callable[[Interface], Mapping[str, Any]]
    applies: Callable[[Interface], bool] | None = None


class Artifact(Record):
    """A text that is to be written: ``folder`` and ``file`` are names, not paths."""

    target: str
    folder: str
    file: str
    text: str


def target_names() -> tuple[str, ...]:
    """The names of all targets, in the order of the alphabet.  Imports none of them."""
    from uapigen import targets

    return tuple(sorted(module.name for module in pkgutil.iter_modules(targets.__path__)))


def find_target(name: str) -> Target:
    """The target of this name.  Raises KeyError where there is none."""
    if name not in target_names():
        raise KeyError(name)
    target: Target = importlib.import_module(f"uapigen.targets.{name}").TARGET
    return target


def render(interface: Interface, targets: Iterable[Target]) -> tuple[Artifact, ...]:
    """The texts of these targets, of those that apply.  The interface must have passed the rules."""
    return tuple(
        _render(interface, target)
        for target in targets
        if target.applies is None or target.applies(interface)
    )


def snake(name: str) -> str:
    """The interface's name as file names, guards and Python take it."""
    return name.replace("-", "_")


def _render(interface: Interface, target: Target) -> Artifact:
    template = _environment(target.language).get_template(target.template)
    name = snake(interface.name)
    context = template.new_context({"interface": interface, "name": name, **target.context(interface)})
    text = "".join(template.root_render_func(context))
    # A macro that calls itself holds the context, and nothing is collected that holds itself.
    context.parent.clear()
    file = target.file.format(name=name, header=PurePosixPath(interface.header).name)
    return Artifact(target.name, interface.name, file, text)


@cache
def _environment(language: Language) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from uapigen.templatecache import template_cache

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=language.finalize,
        bytecode_cache=template_cache(),
        auto_reload=False,
        autoescape=False,  # noqa: S701
    )
    environment.filters.update(language.filters)
    return environment
