"""Synthesis of rtl/ with Yosys, a module at a time: every distinct parametrized module is mapped once and kept in a
cache under the hash of its source, so that shapes share lanes and a changed file costs only its own modules.

The flow is `synth_xilinx -family xc7` without flattening, without pads and clock buffers (the core is a block of a
larger design). A module's mapping does not depend on its instances, so a block is the sum over its hierarchy."""

import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parents[2]
RTL = PROJECT / "rtl"
CACHE = pathlib.Path(os.environ.get("BRU_SYNTHESIS_CACHE", PROJECT / "build" / "synthesis"))
TOP = "bru_core"
FLOW = "synth_xilinx -family xc7 -noiopad -noclkbuf"
FLOW_VERSION = "2"

# Parameters of bru_core by the key of the configuration.
PARAMETERS = {
    "bru.lanes": "LANES",
    "bru.lane_width": "LANE_WIDTH",
    "bru.update_width": "UPDATE_WIDTH",
    "bru.activation_bits": "ACTIVATION_BITS",
    "bru.lut_address_bits": "LUT_ADDRESS_BITS",
    "bru.scale_bits": "SCALE_BITS",
    "bru.cell_kinds": "CELL_KINDS",
    "bru.streams": "STREAMS",
    "bru.weight_words": "WEIGHT_WORDS",
    "bru.scale_words": "SCALE_WORDS",
    "bru.bias_words": "BIAS_WORDS",
    "bru.state_words": "STATE_WORDS",
    "bru.cell_words": "CELL_WORDS",
    "bru.input_words": "INPUT_WORDS",
    "bru.output_fifo_beats": "OUTPUT_FIFO_BEATS",
}


class SynthesisError(Exception):
    pass


def yosys_path():
    path = shutil.which("yosys")
    if path is None:
        raise SynthesisError("yosys is not installed; on Debian: sudo apt-get install yosys "
                             "(tools/dependencies-synthesis.txt)")
    return path


def cell_library():
    """The folder with Yosys' models of this family's primitives."""
    return pathlib.Path(yosys_path()).resolve().parents[1] / "share" / "yosys" / "xilinx"


def yosys_version():
    return subprocess.run([yosys_path(), "-V"], capture_output=True, text=True, check=True).stdout.strip()


def run_yosys(script, folder):
    """Runs a script and returns nothing; its files are in the folder. The log's end is the error message."""
    path = pathlib.Path(folder) / "script.ys"
    rtl = path.with_name("rtl")
    if not rtl.exists():
        rtl.symlink_to(RTL)
    path.write_text(script)
    done = subprocess.run([yosys_path(), "-q", "-l", str(path.with_suffix(".log")), str(path)], cwd=folder,
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise SynthesisError("yosys failed:\n" + (done.stderr or done.stdout)[-2000:])


def base_name(module):
    """`$paramod$hash\\lane` and `$paramod\\lane\\W=...` are lane."""
    if not module.startswith("$paramod"):
        return module.lstrip("\\")
    parts = module.split("\\")
    return parts[1]


def source_hash(module):
    """Of what the mapping of one module depends on: its file, the shared constants and the flow."""
    digest = hashlib.sha256(f"{FLOW_VERSION} {FLOW} {yosys_version()}".encode())
    for path in (RTL / f"{base_name(module)}.sv", RTL / "timing.svh"):
        lines = (line.split("//")[0].rstrip() for line in path.read_text().splitlines())
        digest.update("\n".join(line for line in lines if line).encode())
    return digest.hexdigest()[:16]


def cache_path(module):
    name = hashlib.sha256(module.encode()).hexdigest()[:24]
    return CACHE / f"{base_name(module)}-{source_hash(module)}-{name}.json.gz"


def elaborate(parameters):
    """Script lines that read the RTL and build the hierarchy of one shape; names are the same in every run. The RTL is
    read from `rtl` in the script's own folder (run_yosys): Yosys names cells after the path of their source and maps
    them in the order of these names, so that the project's folder would matter."""
    files = " ".join(f"rtl/{path.name}" for path in sorted(RTL.glob("*.sv")))
    values = " ".join(f"-set {name} {value}" for name, value in sorted(parameters.items()))
    return f"read_verilog -sv -Irtl {files}\nchparam {values} {TOP}\nhierarchy -check -top {TOP}\n"


def hierarchy_of(parameters, folder):
    """{module: the modules of its instances}, of all modules of the shape; bru_core has its own name."""
    run_yosys(elaborate(parameters) + "tee -o statistics.txt stat\n", folder)
    cells = {}
    for line in (pathlib.Path(folder) / "statistics.txt").read_text().splitlines():
        head = re.fullmatch(r"=== (.*) ===", line)
        if head:
            module = head.group(1)
            cells[module] = []
        elif cells and re.fullmatch(r"\s+\S+\s+\d+", line):
            cells[module].append(line.split()[0])
    cells.pop("design hierarchy", None)
    return {module: [kind for kind in kinds if kind in cells] for module, kinds in cells.items()}


def below(hierarchy, name):
    """The modules of that base name with all that is in them."""
    found = [module for module in hierarchy if base_name(module) == name]
    for module in found:
        found += [child for child in hierarchy[module] if child not in found]
    return found


def keep(netlist, module):
    path = cache_path(module)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    os.close(handle)
    with gzip.open(name, "wt") as file:
        json.dump(netlist, file)
    os.replace(name, path)


def load(module):
    with gzip.open(cache_path(module), "rt") as file:
        return json.load(file)


def cache_name(module, parameters):
    """bru_core has the same name in every shape: its parameters make it one of its own."""
    if module != TOP:
        return module
    return f"$paramod\\{TOP}\\" + ",".join(f"{k}={v}" for k, v in sorted(parameters.items()))


def slim(netlist):
    """Ports, cells with type, connections and the parameters that timing needs, and the names of the source's nets."""
    cells = {}
    for index, cell in enumerate(netlist["cells"].values()):
        entry = {"type": cell["type"], "connections": cell["connections"]}
        registers = {k: v for k, v in cell["parameters"].items() if k in REGISTER_PARAMETERS}
        if registers:
            entry["parameters"] = registers
        cells[str(index)] = entry
    ports = {name: {"direction": p["direction"], "bits": p["bits"]} for name, p in netlist["ports"].items()}
    names = {}
    for name, net in netlist["netnames"].items():
        if not net["hide_name"]:
            for place, bit in enumerate(net["bits"]):
                names[str(bit)] = f"{name}[{place}]" if len(net["bits"]) > 1 else name
    return {"ports": ports, "cells": cells, "names": names}


REGISTER_PARAMETERS = {"AREG", "BREG", "CREG", "MREG", "PREG", "ADREG", "DREG", "DOA_REG", "DOB_REG"}


def map_modules(parameters, hierarchy, modules, folder):
    """The netlists of these modules; the others are black boxes. Yosys can lose logic and say nothing (xilinx_dsp of 0.52
    did in cell_update), and figures would be too low then: an output without a driver is an error."""
    script = elaborate(parameters)
    script += "".join(f"blackbox {quoted(m)}\n" for m in hierarchy if m not in modules)
    script += f"{FLOW} -run prepare:check\nwrite_json netlist.json\nwrite_verilog -noattr netlist.v\n"
    script = script.replace("hierarchy -check", "read_verilog -lib -specify +/xilinx/cells_sim.v\n"
                            "read_verilog -lib +/xilinx/cells_xtra.v\nhierarchy -check", 1)
    run_yosys(script, folder)
    with open(pathlib.Path(folder) / "netlist.json") as file:
        netlists = json.load(file)["modules"]
    for module in modules:
        lost = lost_outputs(netlists[module])
        if lost:
            raise SynthesisError(f"{base_name(module)}: {', '.join(lost)} have no driver after synthesis with {yosys_version()}: "
                                 "it lost logic; use another version of Yosys")
    return {module: netlists[module] for module in modules}


def verilog(parameters):
    """The netlist of the core in one shape, with all its modules, as Verilog."""
    with tempfile.TemporaryDirectory() as folder:
        hierarchy = hierarchy_of(parameters, folder)
        map_modules(parameters, hierarchy, list(hierarchy), folder)
        return (pathlib.Path(folder) / "netlist.v").read_text()


def lost_outputs(netlist):
    """Output ports with an undefined bit. The RTL drives every output."""
    return [name for name, port in netlist["ports"].items() if port["direction"] == "output" and "x" in port["bits"]]


def synthesize(parameters, block=None):
    """Maps what is not in the cache yet; returns the netlists of all modules by name, or those of one block."""
    with tempfile.TemporaryDirectory() as folder:
        hierarchy = hierarchy_of(parameters, folder)
        modules = below(hierarchy, block or TOP)
        if not modules:
            raise SynthesisError(f"there is no module {block} in this shape; there are "
                                 + ", ".join(sorted({base_name(m) for m in hierarchy})))
        missing = [m for m in modules if not cache_path(cache_name(m, parameters)).exists()]
        if missing:
            for module, netlist in map_modules(parameters, hierarchy, missing, folder).items():
                keep(slim(netlist), cache_name(module, parameters))
    return {m: load(cache_name(m, parameters)) for m in modules}


def quoted(module):
    return re.sub(r"([$\\])", r"\1", module)


LUT_RAM_LUTS = {"RAM32M": 4, "RAM64M": 4, "RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4, "RAM32X1S": 1, "RAM64X1S": 1,
                "RAM128X1S": 2, "RAM256X1S": 4, "RAM32X1D_1": 2, "RAM64X1D_1": 2}


def kind_of(cell):
    """(resource, amount) of a primitive; None for what takes no logic of its own (wires, constants)."""
    if re.fullmatch(r"LUT[1-6]", cell):
        return "logic_lut", 1
    if cell == "INV":
        return "inv", 1  # absorbed by the LUT or pin that it drives, not a LUT of its own
    if cell in LUT_RAM_LUTS:
        return "lutram", LUT_RAM_LUTS[cell]
    if cell in ("SRL16E", "SRLC32E", "SRLC16E", "SRL16"):
        return "srl", 1
    if re.fullmatch(r"FD[RSCP]E(_1)?", cell):
        return "ff", 1
    if cell in ("CARRY4", "MUXF7", "MUXF8", "DSP48E1"):
        return cell.lower(), 1
    if cell in ("RAMB18E1", "RAMB36E1"):
        return cell[:-2].lower(), 1
    raise SynthesisError(f"a primitive without a place in the table: {cell}")


RESOURCES = ["lut", "logic_lut", "lutram", "srl", "ff", "carry4", "muxf7", "muxf8", "inv", "ramb18", "ramb36", "dsp48e1"]


def totals(netlists, module, memo=None):
    """Resources of a module with all below it; `lut` is what the device counts: logic, LUT RAM and shift registers."""
    memo = {} if memo is None else memo
    if module in memo:
        return memo[module]
    result = dict.fromkeys(RESOURCES, 0)
    by_type = {}
    for cell in netlists[module]["cells"].values():
        kind = cell["type"]
        if kind in netlists:
            for name, amount in totals(netlists, kind, memo).items():
                if name in result:
                    result[name] += amount
            for name, amount in memo[kind]["by_type"].items():
                by_type[name] = by_type.get(name, 0) + amount
        else:
            name, amount = kind_of(kind)
            result[name] += amount
            by_type[kind] = by_type.get(kind, 0) + 1
    result["lut"] = result["logic_lut"] + result["lutram"] + result["srl"]
    result["by_type"] = by_type
    memo[module] = result
    return result


def blocks_of(netlists):
    """Block name -> module name, and what bru_core has beside its blocks as `delays`."""
    found = {}
    for cell in netlists[TOP]["cells"].values():
        if cell["type"] in netlists and base_name(cell["type"]) not in ("delay", "valid_delay"):
            found[base_name(cell["type"])] = cell["type"]
    return found


def subtract(whole, parts):
    rest = {name: whole[name] - sum(p[name] for p in parts) for name in RESOURCES}
    kinds = {k: n - sum(p["by_type"].get(k, 0) for p in parts) for k, n in whole["by_type"].items()}
    rest["by_type"] = {k: n for k, n in kinds.items() if n}
    return rest


def block_figures(parameters, block):
    """Resources of one block, and the netlists of its modules."""
    netlists = synthesize(parameters, block)
    module = next(name for name in netlists if base_name(name) == block)
    return totals(netlists, module), netlists


def delay_figures(parameters):
    """What bru_core has beside its blocks, which stay black boxes."""
    with tempfile.TemporaryDirectory() as folder:
        hierarchy = hierarchy_of(parameters, folder)
        modules = [TOP] + sorted({m for m in hierarchy[TOP] if base_name(m) in ("delay", "valid_delay")})
        netlists = map_modules(parameters, hierarchy, modules, folder)
    own = netlists[TOP]["cells"]
    netlists[TOP]["cells"] = {name: cell for name, cell in own.items() if cell["type"] in netlists or cell["type"] not in hierarchy}
    return totals(netlists, TOP)


def figures(parameters):
    """{"core": ..., "blocks": {name: ...}} of one shape."""
    netlists = synthesize(parameters)
    memo = {}
    core = totals(netlists, TOP, memo)
    blocks = {name: totals(netlists, module, memo) for name, module in blocks_of(netlists).items()}
    blocks["delays"] = subtract(core, blocks.values())
    return {"core": core, "blocks": blocks, "netlists": netlists}


def lane_figures(widths, bits):
    """One lane, tree, accumulator and two part registers, over lane width and activation bits."""
    result = []
    for width in widths:
        for activation_bits in bits:
            shape = {"LANES": 16, "LANE_WIDTH": width, "UPDATE_WIDTH": 4, "ACTIVATION_BITS": activation_bits}
            netlists = synthesize(shape, "lane")
            lanes = [totals(netlists, name) for name in netlists if base_name(name) == "lane"]
            figures = max(lanes, key=lambda lane: lane["lut"])  # the other one sums all activations
            result.append({"lane_width": width, "activation_bits": activation_bits,
                           **{k: figures[k] for k in ("lut", "ff", "carry4")}})
    return result
