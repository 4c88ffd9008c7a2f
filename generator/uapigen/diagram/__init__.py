"""Drawings: what they show and where it stands, apart from how it is painted.

A layout (one module for each kind of drawing) turns a part of the interface into a
:class:`~uapigen.diagram.model.Drawing`, in which every box, line and label has its place.  A renderer
(:mod:`uapigen.diagram.plain`) paints that, and decides nothing.
"""

from __future__ import annotations

from uapigen.diagram.buffers import ownership
from uapigen.diagram.operations import sequence
from uapigen.diagram.overview import overview
from uapigen.diagram.states import machine
from uapigen.diagram.structs import maps

__all__ = ["machine", "maps", "overview", "ownership", "sequence"]
