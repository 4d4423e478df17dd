"""The mail: from a rendered digest to the bytes on the wire, and the guard over its headers. Pure."""
