"""What the bytes of a struct say: rows, made from the model alone."""

from uapigen.decode.bits import Order
from uapigen.decode.decoder import decode
from uapigen.decode.rows import Kind, Row

__all__ = ["Kind", "Order", "Row", "decode"]
