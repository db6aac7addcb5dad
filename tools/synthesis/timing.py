"""Longest paths of a synthesized shape, by the block in which they end. Delays of cells are those of the library that
comes with Yosys (cells_sim.v, from Project X-Ray's measurements of Artix-7 fabric, which the Z7020 has). What placement
decides is a model of nets (NET_MODELS): a net costs nothing within a slice, and elsewhere a base and a part that grows
with the square root of its loads, since loads fill an area."""

import collections
import dataclasses
import math
import pathlib
import re
import shutil

from . import yosys


@dataclasses.dataclass(frozen=True)
class NetModel:
    """Delay of a net that leaves its slice: base_ps + root_ps * sqrt(loads)."""
    base_ps: int
    root_ps: int

    def delay_ps(self, loads):
        return self.base_ps + round(self.root_ps * math.sqrt(loads))


# "routed" has the least absolute deviation from 227 nets of the slowest paths of 12 public designs for the Z7010 and the
# Z7020, speed -1, routed by Vivado (docs/notes/clock.md names them); the mean deviation is 0.36 ns. The other two know no
# loads.
NET_MODELS = {"0.5 ns": NetModel(500, 0), "0.7 ns": NetModel(700, 0), "routed": NetModel(540, 100)}
ESTIMATE_MODEL = "routed"  # what the estimate of bru is fitted to
SETUP_PS = 50       # of a flip-flop behind a LUT: the library says none, data sheets a little
FLIP_FLOP_PS = 303
RAM_OUT_PS = 2454   # RAMB without output register
RAM_ADDRESS_PS, RAM_DATA_PS, RAM_ENABLE_PS = 566, 737, 532
LUT_RAM_OUT_PS, LUT_RAM_DATA_PS = 1190, 460
SHIFT_OUT_PS, SHIFT_DATA_PS = 1472, 173
DSP_OUT_PS = {"PREG": 329, "MREG": 1671}
DSP_IN_PS = {"A": (("AREG", 254), ("MREG", 1416)), "B": (("BREG", 324), ("MREG", 1285)), "C": (("CREG", 168),)}
DSP_IN_PLAIN_PS = 2739
DSP_INSIDE_PS = 3884  # from A and B registers through multiplier and adder to P without M: 257 MHz (DS187, -1; from memory)
CLOCK_ENABLE_PS, RESET_PS = 109, 404
LEAVES_SLICE_PS = {"MUXF7": 174, "MUXF8": 192}


def cell_delays():
    """{cell: {(input bit, output bit): ps}} of the combinational cells, from Yosys' own library."""
    share = pathlib.Path(shutil.which("yosys")).resolve().parents[1] / "share" / "yosys" / "xilinx" / "cells_sim.v"
    text = share.read_text()
    delays = {}
    for cell in ["LUT1", "LUT2", "LUT3", "LUT4", "LUT5", "LUT6", "MUXF7", "MUXF8", "CARRY4", "INV"]:
        body = re.search(rf"^module {cell}\s*\(.*?^endmodule", text, re.S | re.M).group(0)
        arcs = re.findall(r"\((\w+)(?:\s*\[(\d+)\])?\s*=>\s*(\w+)(?:\s*\[(\d+)\])?\)\s*=\s*(\d+)", body)
        delays[cell] = {((a, int(i or 0)), (o, int(j or 0))): int(ps) for a, i, o, j, ps in arcs}
    return delays


class Netlist:
    """The core flattened: cells with their nets as numbers."""

    def __init__(self, netlists, top=yosys.TOP):
        self.cells = []  # (type, block, {port: [net]}, parameters)
        self.next_net = 0
        self.names = {}  # net -> name in the source, with its module
        block = None if top == yosys.TOP else yosys.base_name(top)
        self.flatten(netlists, top, {}, block)

    def flatten(self, netlists, module, ports, block):
        nets = dict(ports)

        def net(bit):
            if isinstance(bit, str):
                return None  # constant
            if bit not in nets:
                nets[bit] = self.next_net
                self.next_net += 1
            return nets[bit]

        for bit, name in netlists[module]["names"].items():
            if bit.isdigit():
                self.names.setdefault(net(int(bit)), f"{yosys.base_name(module)}.{name}")
        for cell in netlists[module]["cells"].values():
            kind = cell["type"]
            if kind not in netlists:
                self.cells.append((kind, block or "delays", {p: [net(b) for b in bits]
                                                             for p, bits in cell["connections"].items()},
                                   cell.get("parameters", {})))
                continue
            inner = {}
            for port, bits in cell["connections"].items():
                for own, outer in zip(netlists[kind]["ports"][port]["bits"], bits):
                    if not isinstance(own, str):
                        inner[own] = net(outer)
            name = yosys.base_name(kind)
            inside = block or (name if name not in ("delay", "valid_delay") else "delays")
            self.flatten(netlists, kind, inner, inside)


def is_set(parameters, name):
    return any(c == "1" for c in str(parameters.get(name, "1")))


def endpoints(kind, parameters):
    """{port: setup} of a cell that ends paths, or None."""
    if kind.startswith("FD"):
        return {"D": SETUP_PS, "CE": CLOCK_ENABLE_PS, "R": RESET_PS, "S": RESET_PS}
    if kind.startswith("RAMB"):
        return {"ADDRARDADDR": RAM_ADDRESS_PS, "ADDRBWRADDR": RAM_ADDRESS_PS, "DIADI": RAM_DATA_PS, "DIBDI": RAM_DATA_PS,
                "DIPADIP": RAM_DATA_PS, "DIPBDIP": RAM_DATA_PS, "WEA": RAM_ENABLE_PS, "WEBWE": RAM_ENABLE_PS,
                "ENARDEN": RAM_ENABLE_PS, "ENBWREN": RAM_ENABLE_PS}
    if kind.startswith("RAM"):
        return {p: LUT_RAM_DATA_PS for p in ("DIA", "DIB", "DIC", "DID", "WE", "ADDRD")}
    if kind.startswith("SRL"):
        return {"D": SHIFT_DATA_PS, "CE": CLOCK_ENABLE_PS}
    if kind.startswith("DSP"):
        ends = {}
        for port, registers in DSP_IN_PS.items():
            ends[port] = next((ps for name, ps in registers if is_set(parameters, name)), DSP_IN_PLAIN_PS)
        return ends
    return None


def starts(kind, parameters):
    """(ports, clock to output) of a cell that begins paths, or None."""
    if kind.startswith("FD"):
        return ("Q",), FLIP_FLOP_PS
    if kind.startswith("RAMB"):
        return ("DOADO", "DOBDO", "DOPADOP", "DOPBDOP"), RAM_OUT_PS
    if kind.startswith("RAM"):
        return ("DOA", "DOB", "DOC", "DOD"), LUT_RAM_OUT_PS
    if kind.startswith("SRL"):
        return ("Q", "Q31"), SHIFT_OUT_PS
    if kind.startswith("DSP"):
        name = "PREG" if is_set(parameters, "PREG") else "MREG"
        return ("P",), DSP_OUT_PS[name]
    return None


class Analysis:
    def __init__(self, netlist, nets=NET_MODELS[ESTIMATE_MODEL]):
        self.delays = cell_delays()
        self.nets = nets
        self.names = netlist.names
        self.cells = netlist.cells
        self.driver = [None] * netlist.next_net  # (cell, port, bit)
        self.memo = {}
        self.loads = collections.Counter()
        outputs = {"CARRY4": ("O", "CO")}
        for index, (kind, _, connections, parameters) in enumerate(self.cells):
            begin = starts(kind, parameters)
            ports = begin[0] if begin else outputs.get(kind, ("O",))
            for port in ports:
                for bit, net in enumerate(connections.get(port, [])):
                    if net is not None:
                        self.driver[net] = (index, port, bit)
            self.loads.update(net for port, nets in connections.items() if port not in ports for net in nets
                              if net is not None)

    def arrival(self, net):
        """Of a net at its driver [ps]. Depth first without recursion: carry chains are long."""
        stack = [net]
        while stack:
            top = stack[-1]
            if top in self.memo:
                stack.pop()
                continue
            needed = [n for n in self.inputs_of(top) if n not in self.memo]
            if needed:
                stack.extend(needed)
            else:
                self.memo[top] = self.evaluate(top)
                stack.pop()
        return self.memo[net]

    def inputs_of(self, net):
        driver = self.driver[net]
        if driver is None:
            return []
        kind, _, connections, parameters = self.cells[driver[0]]
        if kind in self.delays:
            if kind == "CARRY4":
                arcs = self.delays[kind]
                pins = [p for (p, o) in arcs if o == (driver[1], driver[2])]
                return [n for p, b in pins for n in connections.get(p, [])[b:b + 1] if n is not None]
            return [n for p, bits in connections.items() if p != "O" for n in bits if n is not None]
        if kind.startswith("RAM") and not kind.startswith("RAMB"):
            return [n for n in connections.get("ADDR" + driver[1][-1], []) if n is not None]
        return []

    def hop(self, net, kind, port):
        """From a net's driver to a pin: nothing within a slice, else a net."""
        driver = self.driver[net]
        if driver is None:
            return self.nets.delay_ps(self.loads[net])
        source = self.cells[driver[0]][0]
        is_lut = source.startswith("LUT") or source == "INV"
        if is_lut and ((kind == "MUXF7" and port != "S") or (kind == "CARRY4" and port in ("S", "DI"))):
            return 0
        if (source, kind) == ("MUXF7", "MUXF8") and port != "S" or (source, kind) == ("CARRY4", "CARRY4") and port == "CI":
            return 0
        if kind.startswith("FD") and port == "D" and (is_lut or source in ("CARRY4", "MUXF7", "MUXF8")):
            return 0
        return self.nets.delay_ps(self.loads[net]) + LEAVES_SLICE_PS.get(source, 0)

    def hop_to(self, net, cell):
        """From a net's driver to a cell that it leads to."""
        kind, _, connections, _ = self.cells[cell]
        return max(self.hop(net, kind, port) for port, nets in connections.items() if net in nets)

    def evaluate(self, net):
        driver = self.driver[net]
        if driver is None:
            return FLIP_FLOP_PS  # from outside: registered there
        index, port, bit = driver
        kind, _, connections, parameters = self.cells[index]
        if kind == "CARRY4":
            times = [self.memo[connections[p][b]] + self.hop(connections[p][b], kind, p) + ps
                     for ((p, b), o), ps in self.delays[kind].items()
                     if o == (port, bit) and len(connections.get(p, [])) > b and connections[p][b] is not None]
            return max(times, default=0)
        if kind in ("MUXF7", "MUXF8"):
            return max((self.memo[connections[p][0]] + self.hop(connections[p][0], kind, p) + ps
                        for ((p, _), _), ps in self.delays[kind].items() if connections[p][0] is not None), default=0)
        pins = None
        if kind in self.delays:
            pins = [n for p, bits in connections.items() if p != "O" for n in bits if n is not None]
            delays = sorted(self.delays[kind].values()) or [127]
        elif kind.startswith("RAM") and not kind.startswith("RAMB"):
            pins = [n for n in connections.get("ADDR" + port[-1], []) if n is not None]
            delays = sorted(self.delays["LUT6"].values())
        if pins is None:
            return starts(kind, parameters)[1]
        # The latest signal gets the fastest pin: pins are swapped when a LUT is placed.
        times = sorted((self.memo[n] + self.hop(n, kind, "I") for n in pins), reverse=True)
        latest = max((t + d for t, d in zip(times, delays + delays[-1:] * 8)), default=0)
        return max(latest, LUT_RAM_OUT_PS) if kind.startswith("RAM") else latest

    def ends(self):
        """Every end of a path: (ps, block, net, cell type, port)."""
        for kind, block, connections, parameters in self.cells:
            if kind.startswith("DSP") and is_set(parameters, "AREG") and not is_set(parameters, "MREG"):
                yield DSP_INSIDE_PS, block, connections["P"][0], kind, "P"
            for port, setup in (endpoints(kind, parameters) or {}).items():
                for net in connections.get(port, []):
                    if net is not None:
                        yield self.arrival(net) + self.hop(net, kind, port) + setup, block, net, kind, port

    def paths(self):
        """{block: longest path that ends in it [ns]}"""
        longest = {}
        for time, block, *_ in self.ends():
            longest[block] = max(longest.get(block, 0), time)
        return {block: round(ps / 1000, 3) for block, ps in longest.items()}

    def trace(self, net):
        """The path to a net, from its start: (ns, cell type, name in the source or '', loads)."""
        steps = []
        while net is not None:
            driver = self.driver[net]
            kind = self.cells[driver[0]][0] if driver else "port"
            steps.append((round(self.memo[net] / 1000, 3), kind, self.names.get(net, ""), self.loads[net]))
            before = self.inputs_of(net)
            net = max(before, key=lambda n: self.memo[n] + self.hop_to(n, driver[0])) if before else None
        return steps[::-1]

    def worst(self):
        """{block: (ns, end, trace)} of the longest path of each block."""
        longest = {}
        for time, block, net, kind, port in self.ends():
            if time > longest.get(block, (0,))[0]:
                longest[block] = (time, net, f"{kind}.{port}")
        return {block: (round(ps / 1000, 3), end, self.trace(net)) for block, (ps, net, end) in longest.items()}


def paths(netlists):
    return Analysis(Netlist(netlists)).paths()
