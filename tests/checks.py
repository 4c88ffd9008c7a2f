"""The checks of the generator, each of which can be switched off.

A check is a place in the code that makes a finding: a call of ``Diagnostic`` or ``Finding``, a call of a
function that (through any number of others) makes one, or a ``return`` of a sentence that becomes one.
While :func:`switchable` is active the code of the package is exchanged for the same code with a switch
around each of these places.  One that is off runs as ever, but what it finds is lost.
"""

from __future__ import annotations

import ast
import gc
import importlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType, GeneratorType
from typing import Any, NamedTuple
from unittest import mock

import uapigen
from uapigen.diagnostics import Diagnostic
from uapigen.rules.rule import Finding

PACKAGE = Path(uapigen.__file__).parent
_PATTERNS = ("[!_]*.py", "resolve/*.py", "rules/*.py", "proof/*.py", "commands/specs.py")
_MAKERS = ("Diagnostic", "Finding")
_COLLECTORS = {"scope": "Scope", "inside": "Scope", "findings": "Findings", "_findings": "Findings"}
"""What the code calls the objects that keep findings, and their classes."""


class Check(NamedTuple):
    """A place that makes a finding."""

    module: str
    function: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.text}  (in {self.function})"


class Module:
    """The syntax tree of a module with its functions by their qualified names."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.relative_to(PACKAGE).as_posix()
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.functions = dict(_functions(self.tree.body, ""))
        self.imported = {
            alias.asname or alias.name: ((node.module or "").removeprefix("uapigen").lstrip("."), alias.name)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }


def _functions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{prefix}{node.name}.")


class Code:
    """All modules that make findings, and which of their functions do."""

    def __init__(self) -> None:
        paths = sorted(
            {path for pattern in _PATTERNS for path in PACKAGE.glob(pattern)} - {PACKAGE / "__main__.py"}
        )
        self.modules = {path.relative_to(PACKAGE).as_posix(): Module(path) for path in paths}
        self._makers: set[tuple[str, str]] = set()
        while more := set(self._found()) - self._makers:
            self._makers |= more

    @property
    def finding(self) -> list[str]:
        """The modules with functions that make findings."""
        return sorted({module for module, _ in self._makers})

    def _found(self) -> Iterator[tuple[str, str]]:
        for module in self.modules.values():
            for name, node in module.functions.items():
                calls = (each for each in ast.walk(node) if isinstance(each, ast.Call))
                if any(self.makes(module, name, call.func) for call in calls):
                    yield module.name, name

    def makes(self, module: Module, function: str, called: ast.expr) -> bool:
        """Whether what is called within the function makes findings."""
        match called:
            case ast.Name(name):
                return name in _MAKERS or self._is_maker(module, name)
            case ast.Attribute(ast.Name("self"), name):
                return (module.name, f"{function.rpartition('.')[0]}.{name}") in self._makers
            case ast.Attribute(ast.Name(owner) | ast.Attribute(_, owner), name) if owner in _COLLECTORS:
                ending = f"{_COLLECTORS[owner]}.{name}"
                return any(known.endswith(ending) for _, known in self._makers)
            case ast.Attribute(ast.Name(owner), name):
                package, imported = module.imported.get(owner, ("", ""))
                return (self._file(package, imported), name) in self._makers
        return False

    def _is_maker(self, module: Module, name: str) -> bool:
        package, imported = module.imported.get(name, ("", ""))
        return (module.name, name) in self._makers or (self._file(package), imported) in self._makers

    def _file(self, *names: str) -> str:
        path = "/".join(name.replace(".", "/") for name in names if name)
        return f"{path}.py" if f"{path}.py" in self.modules else f"{path}/__init__.py"


class _Switches(ast.NodeTransformer):
    """Puts a switch around each check of a function."""

    def __init__(self, code: Code, module: Module, function: str, checks: list[Check]) -> None:
        self._code = code
        self._module = module
        self._function = function
        self._checks = checks

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if not self._code.makes(self._module, self._function, node.func):
            self.generic_visit(node)
            return node
        text = ast.unparse(node)
        self.generic_visit(node)
        return self._switched("_called", node, text)

    def visit_Return(self, node: ast.Return) -> ast.Return:
        text = ast.unparse(node)
        self.generic_visit(node)
        if isinstance(node.value, ast.Tuple) and any(map(_is_sentence, node.value.elts)):
            node.value = self._switched("_returned", node.value, text)
        return node

    def _switched(self, switch: str, node: ast.expr, text: str) -> ast.expr:
        self._checks.append(Check(self._module.name, self._function, node.lineno, text[:64]))
        number, late = ast.Constant(len(self._checks) - 1), ast.arguments([], [], None, [], [], None, [])
        switched = ast.Call(ast.Name(switch, ast.Load()), [number, ast.Lambda(late, node)], [])
        return ast.fix_missing_locations(ast.copy_location(switched, node))


def _is_sentence(node: ast.expr) -> bool:
    return any(
        isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and re.search("[a-z]{2} |^ [a-z]{2}", each.value)
        for each in ast.walk(node)
    )


class Switchboard:
    """The checks and the one that is off; ``reached`` are those that found something since it was cleared."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.off: int | None = None
        self.reached: set[int] = set()
        self._running: list[int] = []
        self._lost: list[Diagnostic | Finding] = []

    def called(self, number: int, run: Callable[[], Any]) -> Any:
        """What stands in the code for a call."""
        self._running.append(number)
        try:
            result = run()
        finally:
            self._running.pop()
        return self._within(number, result) if isinstance(result, GeneratorType) else result

    def returned(self, number: int, run: Callable[[], Any]) -> Any:
        """What stands in the code for what is returned."""
        self.reached.add(number)
        return None if number == self.off else run()

    def _within(self, number: int, items: Iterator[Any]) -> Iterator[Any]:
        while True:
            self._running.append(number)
            try:
                item = next(items)
            except StopIteration:
                return
            finally:
                self._running.pop()
            yield item

    def made(self, finding: Diagnostic | Finding) -> None:
        """Called with each finding that is made, also when it is made of one that is lost."""
        self.reached.update(self._running)
        if self.off in self._running or any(
            (lost.message, lost.span) == (finding.message, finding.span) for lost in self._lost
        ):
            self._lost.append(finding)

    def kept(self, found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        """Those findings that are not lost."""
        return tuple(each for each in found if not any(each is lost for lost in self._lost))

    @contextmanager
    def without(self, number: int) -> Iterator[None]:
        """One check is off."""
        self.off = number
        try:
            yield
        finally:
            self.off = None
            self._lost.clear()


@contextmanager
def switchable() -> Iterator[Switchboard]:
    """The package runs with switches."""
    board = Switchboard()
    code = Code()
    before: list[tuple[FunctionType, CodeType]] = []
    for name in code.modules:
        importlib.import_module("uapigen." + name.removesuffix(".py").replace("/", "."))
    living = [each for each in gc.get_objects() if isinstance(each, FunctionType)]
    for module in code.modules.values():
        for name, node in module.functions.items():
            _Switches(code, module, name, board.checks).visit(node)
        compiled = dict(_codes(compile(module.tree, str(module.path), "exec", dont_inherit=True), ""))
        for function in living:
            if function.__code__.co_filename == str(module.path) and function.__qualname__ in compiled:
                before.append((function, function.__code__))
                function.__code__ = compiled[function.__qualname__]
                function.__globals__.update(_called=board.called, _returned=board.returned)
    try:
        with (
            mock.patch.object(Diagnostic, "__init__", _announced(Diagnostic.__init__, board)),
            mock.patch.object(Finding, "__init__", _announced(Finding.__init__, board)),
        ):
            yield board
    finally:
        for function, original in before:
            function.__code__ = original


def _announced(init: Callable[..., None], board: Switchboard) -> Callable[..., None]:
    def announced(self: Diagnostic | Finding, *values: Any, **named: Any) -> None:
        init(self, *values, **named)
        board.made(self)

    return announced


def _codes(code: CodeType, prefix: str) -> Iterator[tuple[str, CodeType]]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield prefix + each.co_name, each
            yield from _codes(each, f"{prefix}{each.co_name}.")
