"""A C header, read from its text: names, values, sizes and offsets on every ABI.

The room where the pieces come together: text to tokens, tokens to declarations, declarations through
pycparser to layouts and values.  It knows nothing of specs, and no compiler is asked.
"""

from uapigen.creader.header import Header, read_header
from uapigen.creader.layout import Layout, Member
from uapigen.creader.tokens import HeaderError, Macro

__all__ = ["Header", "HeaderError", "Layout", "Macro", "Member", "read_header"]
