"""The value of a constant C expression.

The room of C's integer arithmetic (C99 6.3.1, 6.4.4.1, 6.6): types of literals, promotions, the usual
conversions.  What a name or the size of a type is, the caller says.  Shifts and signed overflow give
what GCC gives: the bits that are left.
"""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

from uapigen.creader.tokens import HeaderError

Node: TypeAlias = Any
"""A node of pycparser's syntax tree, which has no types of its own."""


class NotConstantError(Exception):
    """The expression is none, or one whose value is not known from the text."""


class Value(NamedTuple):
    """An integer and its C type."""

    number: int
    bits: int = 32
    signed: bool = True


class Context(Protocol):
    """What an expression is evaluated in.  Every method may raise :class:`NotConstantError`."""

    @property
    def long_bits(self) -> int:
        """The width of ``long``, ``size_t`` and a pointer."""
        ...

    def named(self, name: str) -> Value:
        """What an identifier stands for."""
        ...

    def size(self, type_: Node) -> int:
        """The size of a type in bytes."""
        ...

    def cast(self, number: int, type_: Node) -> Value:
        """The number converted to a type."""
        ...

    def offset(self, type_: Node, path: str) -> int:
        """Where a member of a struct lies."""
        ...

    def ioctl(self, direction: int, type_: int, number: int, size: int) -> int:
        """An ioctl number; ``direction``: 1 for what user space writes, 2 for what it reads."""
        ...


_LITERAL = re.compile(r"(0[xX][0-9a-fA-F]{1,64}|0[bB][01]{1,64}|[0-9]{1,64})([uUlL]*)")
_SUFFIXES = {"", "u", "l", "ul", "lu", "ll", "ull", "llu"}
_IOCTLS = {"_IO": 0, "_IOW": 1, "_IOR": 2, "_IOWR": 3}


def fit(number: int, bits: int, signed: bool) -> Value:
    """The number wrapped into a type."""
    number &= (1 << bits) - 1
    if signed and number >> (bits - 1):
        number -= 1 << bits
    return Value(number, bits, signed)


def literal(text: str, context: Context) -> Value:
    """An integer literal with the type that C99 6.4.4.1 gives it.  Raises :class:`NotConstantError`."""
    match = _LITERAL.fullmatch(text)
    if match is None or match[2].lower() not in _SUFFIXES:
        raise NotConstantError(f"'{text}' is no integer")
    digits, suffix = match[1], match[2].lower()
    octal = digits[0] == "0" and digits.isdigit()
    if octal and not set(digits) <= set("01234567"):
        raise NotConstantError(f"'{text}' is no octal number")
    number = int(digits, 8 if octal else 0)
    longs = suffix.count("l")
    shortest = context.long_bits if longs == 1 else 64 if longs else 32
    for bits in (32, 64):
        if bits < shortest:
            continue
        if "u" not in suffix and number < 1 << (bits - 1):
            return Value(number, bits, signed=True)
        if number < 1 << bits and ("u" in suffix or digits.lower().startswith(("0x", "0b")) or octal):
            return Value(number, bits, signed=False)
    raise NotConstantError(f"'{text}' does not fit in 64 bits")


def character(text: str) -> Value:
    """A character constant of ASCII; Python's escapes are C's.  Raises :class:`NotConstantError`."""
    try:
        with warnings.catch_warnings():
            # Python warns of escapes that C has not, and of octal ones beyond a byte.
            warnings.simplefilter("error")
            decoded = text[1:-1].encode("ascii").decode("unicode_escape")
    except (UnicodeError, Warning) as error:
        raise NotConstantError(f"{text} is no character of ASCII") from error
    if len(decoded) != 1 or not decoded.isascii():
        raise NotConstantError(f"{text} is no character of ASCII")
    return Value(ord(decoded))


def evaluate(node: Node, context: Context) -> Value:
    """The value of an expression.  Raises :class:`NotConstantError`."""
    handler = _HANDLERS.get(type(node).__name__)
    if handler is None:
        raise NotConstantError("this is no constant integer expression")
    return handler(node, context)


def _constant(node: Node, context: Context) -> Value:
    if node.type == "char":
        return character(node.value)
    return literal(node.value, context)


def _name(node: Node, context: Context) -> Value:
    return context.named(node.name)


def _promote(value: Value) -> Value:
    return value if value.bits >= 32 else Value(value.number)


def _common(left: Value, right: Value) -> tuple[int, bool]:
    """The type that both are converted to; ``long`` and ``long long`` of one width are alike."""
    bits = max(left.bits, right.bits, 32)
    return bits, all(value.signed or value.bits < bits for value in (left, right))


def _divide(left: int, right: int) -> int:
    if right == 0:
        raise NotConstantError("this divides by zero")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _remainder(left: int, right: int) -> int:
    return left - right * _divide(left, right)


_ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "%": _remainder,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
}
_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def _binary(node: Node, context: Context) -> Value:
    left = evaluate(node.left, context)
    if node.op in {"&&", "||"}:
        if bool(left.number) == (node.op == "||"):
            return Value(int(node.op == "||"))
        return Value(int(evaluate(node.right, context).number != 0))
    right = evaluate(node.right, context)
    if node.op in {"<<", ">>"}:
        return _shift(node.op, _promote(left), right.number)
    bits, signed = _common(left, right)
    operands = fit(left.number, bits, signed).number, fit(right.number, bits, signed).number
    if node.op in _COMPARISONS:
        return Value(int(_COMPARISONS[node.op](*operands)))
    return fit(_ARITHMETIC[node.op](*operands), bits, signed)


def _shift(mark: str, value: Value, by: int) -> Value:
    if not 0 <= by < value.bits:
        raise NotConstantError(f"this shifts {value.bits} bits by {by}")
    return fit(value.number << by if mark == "<<" else value.number >> by, value.bits, value.signed)


def _unary(node: Node, context: Context) -> Value:
    if node.op == "sizeof":
        if type(node.expr).__name__ != "Typename":
            raise NotConstantError("the size of an expression is not worked out")
        return Value(context.size(node.expr.type), context.long_bits, signed=False)
    value = _promote(evaluate(node.expr, context))
    results: Mapping[str, int] = {"+": value.number, "-": -value.number, "~": ~value.number}
    if node.op == "!":
        return Value(int(value.number == 0))
    if node.op not in results:
        raise NotConstantError(f"'{node.op}' is not constant")
    return fit(results[node.op], value.bits, value.signed)


def _ternary(node: Node, context: Context) -> Value:
    taken, other = node.iftrue, node.iffalse
    if not evaluate(node.cond, context).number:
        taken, other = other, taken
    value = _promote(evaluate(taken, context))
    bits, signed = _common(value, evaluate(other, context))
    return fit(value.number, bits, signed)


def _cast(node: Node, context: Context) -> Value:
    return context.cast(evaluate(node.expr, context).number, node.to_type.type)


def _call(node: Node, context: Context) -> Value:
    """``offsetof``, and the macros of ``linux/ioctl.h``, in which types already are their sizes."""
    name = getattr(node.name, "name", "")
    arguments = node.args.exprs if node.args else []
    if name in {"offsetof", "__builtin_offsetof"} and len(arguments) == 2:
        offset = context.offset(arguments[0].type, _path(arguments[1]))
        return Value(offset, context.long_bits, signed=False)
    if name in _IOCTLS and len(arguments) == 2 + (name != "_IO"):
        numbers = [evaluate(argument, context).number for argument in arguments]
        size = numbers[2] if name != "_IO" else 0
        number = context.ioctl(_IOCTLS[name], numbers[0], numbers[1], size)
        return Value(number, context.long_bits if size else 32, signed=False)
    raise NotConstantError(f"'{name}()' is not known")


def _path(node: Node) -> str:
    kind = type(node).__name__
    if kind == "ID":
        return str(node.name)
    if kind == "StructRef" and node.type == ".":
        return f"{_path(node.name)}.{_path(node.field)}"
    raise NotConstantError("this is no member")


_HANDLERS: dict[str, Callable[[Node, Context], Value]] = {
    "Constant": _constant,
    "ID": _name,
    "BinaryOp": _binary,
    "UnaryOp": _unary,
    "TernaryOp": _ternary,
    "Cast": _cast,
    "FuncCall": _call,
}


def whole(node: Node, context: Context, line: int) -> int:
    """The value of an expression that has to have one.  Raises :class:`HeaderError`."""
    try:
        return evaluate(node, context).number
    except NotConstantError as error:
        raise HeaderError(str(error), line) from error
    except RecursionError as error:
        raise HeaderError("this is nested too deeply", line) from error
