"""A fault of tools/mutate. `old` stands once in the file, or once in `where`, which stands once in the file. An expression is
replaced by `new` while the mutant is chosen; a statement (it ends with ;) by the statement `new`, or by none. A mutant of the
kind reset acts from the second reset on, so that what it leaves is not seen before."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    kind: str    # values, protocol, control, streams, gru, counters, address, reset
    name: str
    file: str    # rtl/FILE.sv
    old: str
    new: str
    where: str = ""


def of(kind, file, *rows):
    return [Mutant(kind, name, file, old, new, where[0] if where else "") for name, old, new, *where in rows]
