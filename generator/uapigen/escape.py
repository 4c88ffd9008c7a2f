"""How text of a spec becomes text of an output: one :class:`Language` for each.

The room of escaping, and the only one.  A template prints a :class:`~uapigen.model.element.Prose` as it is
(it comes out as one line) or through a filter of its language (it comes out wrapped); both escape.
What a template prints otherwise are names and numbers, which the rules have checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from uapigen import rst
from uapigen.diagram import plain
from uapigen.diagram.model import Drawing
from uapigen.model import Prose
from uapigen.record import Record
from uapigen.tables import table

WIDTH = 80


class Language(Record):
    """How prose is written in one output language.

    ``inline`` gives one line of it, ``filters`` are the ways to write it over several lines.
    """

    name: str
    inline: Callable[[str], str]
    filters: Mapping[str, Callable[..., str]]

    def finalize(self, value: object) -> object:
        """What jinja2 does to each value that a template prints."""
        return self.inline(" ".join(value.text.split())) if isinstance(value, Prose) else value


def _fill(text: str, prefix: str, width: int, first: str | None = None) -> list[str]:
    """The words in lines, the first one behind ``first``; a word that is too long has its own line."""
    words = text.split()
    if not words:
        return []
    lines = [(prefix if first is None else first) + words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(prefix + word)
    return lines


def _paragraphs(prose: Prose, escape: Callable[[str], str], prefix: str, width: int) -> str:
    """The prose wrapped, each line behind ``prefix``; what separates paragraphs is the bare prefix."""
    blocks = ("\n".join(_fill(escape(text), prefix, width)) for text in prose.paragraphs)
    return f"\n{prefix.rstrip()}\n".join(blocks)


# --- C --------------------------------------------------------------------------------------------


def _c(text: str) -> str:
    """Text inside a comment: it neither ends it nor seems to open another; no word ends in a backslash.

    Any word may come to stand at the end of a line, which a backslash there would continue.
    """
    if "/" not in text and "\\" not in text:
        return text
    text = re.sub(r"\*(?=/)", "* ", text)
    text = re.sub(r"/(?=\*)", "/ ", text)
    return re.sub(r"\\(?=\s|$)", r"\\.", text).replace("??/", "? ?/")


def _c_comment(prose: Prose, prefix: str = " * ", width: int = WIDTH) -> str:
    return _paragraphs(prose, _c, prefix, width)


def _c_item(prose: Prose, first: str, prefix: str, width: int = WIDTH) -> str:
    """One paragraph behind ``first``, its further lines behind ``prefix``."""
    return "\n".join(_fill(_c(" ".join(prose.paragraphs)), prefix, width, first))


C = Language("c", _c, {"comment": _c_comment, "item": _c_item})

# --- Python ---------------------------------------------------------------------------------------


def _python(text: str) -> str:
    """Text inside a docstring or a comment; it may end where the closing quotes follow."""
    if '"' not in text and "\\" not in text:
        return text
    return re.sub(r'"(?="|$)', r"\"", text.replace("\\", "\\\\"))


def _python_docstring(prose: Prose, indent: int = 4, width: int = WIDTH, items: Sequence[Prose] = ()) -> str:
    """A whole docstring, quotes included, without the indentation of its first line; a list at its end."""
    pad = " " * indent
    body = _paragraphs(prose, _python, pad, width - 3).lstrip()
    if items:
        entries = (_python(" ".join(item.paragraphs)) for item in items)
        lines = (line for entry in entries for line in _fill(entry, f"{pad}  ", width - 3, f"{pad}- "))
        body = "\n".join((body, "", *lines))
    return f'"""{body}' + ('"""' if "\n" not in body else f'\n{pad}"""')


def python_string(text: str) -> str:
    """A string literal of Python with the text as it was written."""
    return '"' + ascii(text + '"')[1:-2].replace("\\'", "'").replace('"', '\\"') + '"'


def _python_string(prose: Prose) -> str:
    return python_string(prose.text)


PYTHON = Language("python", _python, {"docstring": _python_docstring, "string": _python_string})

# --- reStructuredText: see uapigen.rst ------------------------------------------------------------


def _rst_paragraphs(prose: Prose, indent: str = "", width: int = WIDTH) -> str:
    """The prose wrapped, each line behind ``indent``."""
    blocks = (rst.lines(text, width - len(indent)) for text in prose.paragraphs)
    return "\n\n".join("\n".join(indent + line for line in block) for block in blocks)


def _rst_item(prose: Prose, marker: str, width: int = WIDTH) -> str:
    """An item of a list, in one paragraph."""
    return rst.item(" ".join(prose.paragraphs), marker, width)


def _rst_table(content: tuple[Sequence[str], Sequence[Sequence[Prose | str]]], width: int = WIDTH) -> str:
    """A table of a header and rows; a cell is one paragraph."""
    header, rows = content
    cells = [[" ".join(cell.paragraphs) if isinstance(cell, Prose) else cell for cell in row] for row in rows]
    return table(header, cells, rst.lines, width)


def _rst_drawing(drawing: Drawing, before: Prose) -> str:
    """A drawing as a literal block, behind the sentences that say how it is read."""
    return rst.literal(" ".join(before.paragraphs), plain.lines(drawing))


RST = Language(
    "rst",
    rst.escape,
    {"paragraphs": _rst_paragraphs, "item": _rst_item, "table": _rst_table, "drawing": _rst_drawing},
)
