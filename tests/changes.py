"""Every small change of a Python module that may matter, one at a time: what a mutant of a device is.

A change replaces a piece of the text, so that the rest stays as it is and a line shows what was changed. What
says something to people only is left alone: docstrings, annotations, messages, ``__repr__``.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

Edit = tuple[int, int, str]
"""Where a piece of the text begins and ends, and what takes its place."""

_COMPARED: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Lt: ("<=", ">=", "!="),
    ast.LtE: ("<", ">", "=="),
    ast.Gt: (">=", "<=", "!="),
    ast.GtE: (">", "<", "=="),
    ast.Eq: ("!=", "<=", ">="),
    ast.NotEq: ("==", "<", ">"),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
}
_OTHER_OPERATOR: dict[type[ast.AST], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "//"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "//"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "&"),
}
_OTHER_NAME = {"all": "any", "any": "all", "min": "max", "max": "min", "sorted": "list", "add": "discard"}
_ORDER = ("<", "<=", ">", ">=")
_MESSAGES = ("why", "what", "doing")
"""Names of what people only read."""

_OTHER_ERROR = "ZeroDivisionError"
"""What nothing here raises."""

_ATOMS = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant)


class Mutant(NamedTuple):
    """A module with one change: the function that it is in, its line, and that line before and after."""

    text: str
    function: str
    line: int
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.function}\n- {self.old}\n+ {self.new}"


def mutants(text: str) -> Iterator[Mutant]:
    """Each change of a module in ASCII, in the order of the text."""
    source = _Source(text)
    seen = set()
    for function, edit in sorted(source.edits(), key=lambda found: found[1]):
        if edit not in seen:
            seen.add(edit)
            yield replaced(text, function, edit)


def replaced(text: str, function: str, edit: Edit) -> Mutant:
    """The mutant that an edit makes of a text."""
    start, end, new = edit
    first = text.rfind("\n", 0, start) + 1
    behind = text.find("\n", end)
    before, after = text[first:behind], text[first:start] + new + text[end:behind]
    line = text.count("\n", 0, start) + 1
    return Mutant(text[:start] + new + text[end:], function, line, _in_one(before), _in_one(after))


def _in_one(lines: str) -> str:
    return " ".join(lines.split())


def _is_word(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_message(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in _MESSAGES


class _Source:
    """A module's text with what Python reads in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        lengths = (len(line) for line in text.splitlines(keepends=True))
        self.starts = [0, *itertools.accumulate(lengths)]

    def edits(self) -> Iterator[tuple[str, Edit]]:
        """Every edit, with the function that it is in."""
        yield from self._below(ast.parse(self.text), ())

    def _below(self, node: ast.AST, function: tuple[str, ...]) -> Iterator[tuple[str, Edit]]:
        if isinstance(node, ast.JoinedStr) or getattr(node, "name", "") == "__repr__":
            return
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            function = (*function, node.name)
        for edit in self._of(node):
            yield ".".join(function), edit
        for name, value in ast.iter_fields(node):
            for each in value if isinstance(value, list) else (value,):
                if isinstance(each, ast.AST) and name not in ("annotation", "returns", "decorator_list"):
                    yield from self._below(each, function)

    def _of(self, node: ast.AST) -> Iterator[Edit]:
        for kind, edits in _EDITS.items():
            if isinstance(node, kind):
                yield from edits(self, node)

    # --- places ---

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node begins and ends."""
        return self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)

    def _offset(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def code(self, node: ast.AST) -> str:
        """The text of an expression, such that it can stand anywhere."""
        start, end = self.span(node)
        return self.text[start:end] if isinstance(node, _ATOMS) else f"({self.text[start:end]})"

    def instead(self, node: ast.AST, new: str) -> Edit:
        """The edit that puts another text in place of a node."""
        return (*self.span(node), new)

    def between(self, left: ast.AST, right: ast.AST, old: str, new: str) -> Edit:
        """The edit of an operator."""
        start, end = self.span(left)[1], self.span(right)[0]
        return start, end, re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, self.text[start:end], count=1)

    # --- what can be changed ---

    def condition(self, test: ast.expr) -> Iterator[Edit]:
        for new in (f"not {self.code(test)}", "True", "False"):
            yield self.instead(test, new)

    def decision(self, node: ast.If | ast.IfExp | ast.While) -> Iterator[Edit]:
        yield from self.condition(node.test)

    def comprehension(self, node: ast.comprehension) -> Iterator[Edit]:
        for test in node.ifs:
            yield from self.condition(test)
        yield self.instead(node.iter, "()")

    def loop(self, node: ast.For) -> Iterator[Edit]:
        yield self.instead(node.iter, "()")

    def junction(self, node: ast.BoolOp) -> Iterator[Edit]:
        joined = isinstance(node.op, ast.And)
        old, new = ("and", "or") if joined else ("or", "and")
        for left, right in itertools.pairwise(node.values):
            yield self.between(left, right, old, new)
        for value in node.values:
            yield self.instead(value, f"(not {self.code(value)})")
            yield self.instead(value, str(joined))

    def comparison(self, node: ast.Compare) -> Iterator[Edit]:
        values = (node.left, *node.comparators)
        for (left, right), operator in zip(itertools.pairwise(values), node.ops, strict=True):
            start, end = self.span(left)[1], self.span(right)[0]
            operators = "|".join(("is not", "not in", "is", "in", "[<>=!]=", "[<>]"))
            for new in _COMPARED[type(operator)]:
                if new not in _ORDER or not (_is_word(left) or _is_word(right)):
                    yield start, end, re.sub(operators, new, self.text[start:end], count=1)
        for value in values:
            for each in value.elts if isinstance(value, (ast.Tuple, ast.Set, ast.List)) else (value,):
                yield from self.word(each)

    def pattern(self, node: ast.MatchValue) -> Iterator[Edit]:
        yield from self.word(node.value)

    def word(self, node: ast.AST) -> Iterator[Edit]:
        """Strings that only those see who read messages are no part of a comparison."""
        if _is_word(node):
            yield self.instead(node, '"?"')

    def arithmetic(self, node: ast.BinOp) -> Iterator[Edit]:
        old, new = _OTHER_OPERATOR[type(node.op)]
        yield self.between(node.left, node.right, old, new)
        yield self.instead(node, self.code(node.left))
        yield self.instead(node, self.code(node.right))

    def sign(self, node: ast.UnaryOp) -> Iterator[Edit]:
        yield self.instead(node, self.code(node.operand))

    def constant(self, node: ast.Constant) -> Iterator[Edit]:
        if isinstance(node.value, bool):
            yield self.instead(node, str(not node.value))
        elif isinstance(node.value, int):
            yield self.instead(node, str(node.value + 1))
            yield self.instead(node, str(node.value - 1) if node.value else "-1")

    def error(self, node: ast.Attribute) -> Iterator[Edit]:
        if isinstance(node.value, ast.Name) and node.value.id == "errno":
            yield self.instead(node, "errno.EXDEV")

    def called(self, node: ast.Call) -> Iterator[Edit]:
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in _OTHER_NAME:
            end = self.span(node.func)[1]
            yield end - len(name), end, _OTHER_NAME[name]

    def arguments(self, node: ast.Call) -> Iterator[Edit]:
        """One less, or None in its place.  Messages stay."""
        given = sorted((*node.args, *(each.value for each in node.keywords)), key=self.span)
        spans = [(self.argument(node, each), each) for each in given]
        for place, ((start, end), each) in enumerate(spans):
            if not (isinstance(each, ast.JoinedStr) or _is_word(each) or _is_message(each)):
                if place:
                    yield spans[place - 1][0][1], end, ""
                elif len(spans) > 1:
                    yield start, spans[1][0][0], ""
                if not (isinstance(each, (ast.Starred, ast.GeneratorExp)) or _is_none(each)):
                    yield self.instead(each, "None")

    def argument(self, call: ast.Call, value: ast.expr) -> tuple[int, int]:
        """Where an argument begins, with its name, and ends."""
        named = next((each for each in call.keywords if each.value is value), value)
        return self.span(named)[0], self.span(value)[1]

    def handler(self, node: ast.ExceptHandler) -> Iterator[Edit]:
        if node.type:
            yield self.instead(node.type, _OTHER_ERROR)

    def jump(self, node: ast.Continue | ast.Break) -> Iterator[Edit]:
        yield self.instead(node, "break" if isinstance(node, ast.Continue) else "continue")

    def assigned(self, node: ast.Assign | ast.AnnAssign) -> Iterator[Edit]:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value and not _is_none(node.value) and not any(map(_is_message, targets)):
            yield self.instead(node.value, "None")

    def cut(self, node: ast.Slice) -> Iterator[Edit]:
        for end in (node.lower, node.upper):
            if end:
                yield self.instead(end, "")

    def table(self, node: ast.Dict) -> Iterator[Edit]:
        spans = [
            (self.span(key)[0] if key else self.span(value)[0] - len("**"), self.span(value)[1])
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        for start, end in spans:
            comma = re.match(r",?", self.text[end:])
            yield start, end + comma.end() if comma else end, ""

    def statement(self, node: ast.stmt) -> Iterator[Edit]:
        if not isinstance(node, ast.AnnAssign) or node.value:
            yield self.instead(node, "pass")

    def result(self, node: ast.Return) -> Iterator[Edit]:
        if node.value is None:
            yield self.instead(node, "pass")
        elif not isinstance(node.value, ast.Constant):
            yield self.instead(node.value, "None")

    def updated(self, node: ast.AugAssign) -> Iterator[Edit]:
        old, new = _OTHER_OPERATOR[type(node.op)]
        yield self.between(node.target, node.value, f"{old}=", f"{new}=")
        yield self.between(node.target, node.value, f"{old}=", "=")


_EDITS: dict[type | tuple[type, ...], Callable[[_Source, ast.AST], Iterator[Edit]]] = {
    (ast.If, ast.IfExp, ast.While): _Source.decision,
    ast.comprehension: _Source.comprehension,
    ast.BoolOp: _Source.junction,
    ast.Compare: _Source.comparison,
    ast.MatchValue: _Source.pattern,
    ast.BinOp: _Source.arithmetic,
    ast.UnaryOp: _Source.sign,
    ast.Constant: _Source.constant,
    ast.Attribute: _Source.error,
    (ast.Call,): _Source.arguments,
    ast.Call: _Source.called,
    ast.For: _Source.loop,
    ast.ExceptHandler: _Source.handler,
    ast.Slice: _Source.cut,
    ast.Dict: _Source.table,
    (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Raise, ast.Delete): _Source.statement,
    (ast.Continue, ast.Break): _Source.statement,
    (ast.Break, ast.Continue): _Source.jump,
    (ast.AnnAssign, ast.Assign): _Source.assigned,
    ast.Return: _Source.result,
    ast.AugAssign: _Source.updated,
}
