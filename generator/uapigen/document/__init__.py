"""What the design document says, chapter by chapter: tables and sentences made from the model.

The room of content.  How a table or a paragraph is written in reStructuredText is the matter of
:mod:`uapigen.rst` and :mod:`uapigen.tables`, in which order it comes that of the template.
"""

from __future__ import annotations

from typing import NamedTuple

from uapigen.model import Prose


class Table(NamedTuple):
    """A table: each row has as many cells as the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[Prose | str, ...], ...]

    def compact(self) -> Table:
        """The table without the columns in which no row says anything."""
        kept = [at for at in range(len(self.header)) if any(row[at] for row in self.rows)]
        return Table(
            tuple(self.header[at] for at in kept),
            tuple(tuple(row[at] for at in kept) for row in self.rows),
        )
