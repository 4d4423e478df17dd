"""Packed JSON: how the database holds texts that are never queried inside, in half the room.

An entry is too short for zlib to learn its words from: it is packed with a dictionary of what papers say often, so most of
what is short of it is names. Format: one byte that says by which dictionary, then a raw deflate stream (RFC 1951). Values of
before there were dictionaries are zlib streams (RFC 1950), which begin with another byte.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Final

#: the frame of entries and papers; zlib prefers what stands last
_FRAME: Final = (
    '"venue":"","language":"en","versions":[],"comment":"Accepted","replacement":true,"signals":{"upvotes":},'
    '"affiliations":["University of ","Institute of Technology"],"links":[{"kind":"pdf","url":"https://arxiv.org/pdf/"},'
    '{"kind":"code","url":"https://github.com/"}],{"authors":["",""],"categories":["cs.CV","stat.ML","cs.CL","cs.LG"],'
    '"doi":"10.","identifiers":{"arxiv":"26"},"native_key":"https://doi.org/10.","published":"2026-","summary":"",'
    '"title":"","url":"https://arxiv.org/abs/2'
)
_WORDS: Final = Path(__file__).with_name("dictionary.txt").read_text(encoding="ascii").replace("\n", " ")
#: never changed, as rows were packed with it: a better one becomes the second
DICTIONARY: Final = (_WORDS + _FRAME).encode()
_FIRST, _PLAIN_ZLIB = 1, 0x78
_WINDOW: Final = 13  #: 2**13 bytes hold the dictionary; a larger window takes longer to set up
#: the dictionary is read into it once; each value is packed by a copy
_PACKER: Final = zlib.compressobj(6, zlib.DEFLATED, -_WINDOW, zdict=DICTIONARY)


def pack(text: str) -> bytes:
    """A text, compressed."""
    packer = _PACKER.copy()
    return bytes((_FIRST,)) + packer.compress(text.encode()) + packer.flush()


def unpack(data: bytes) -> str:
    """The text again. Raises ValueError for what was not packed."""
    if not data or data[0] not in (_FIRST, _PLAIN_ZLIB):
        raise ValueError(f"{data[:1]!r} begins no packed text")
    try:
        if data[0] == _PLAIN_ZLIB:
            return zlib.decompress(data).decode()
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS, zdict=DICTIONARY)
        text = unpacker.decompress(data[1:]).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise ValueError(f"a packed text is damaged: {error}") from error
    if not unpacker.eof:
        raise ValueError("a packed text is damaged: its end is missing")
    return text
