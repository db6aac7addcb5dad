#!/usr/bin/env python3
"""usage: component_test.py BUILD_FOLDER

Installs the component and the driver, as `cmake --install` does, and uses them as the owner of a platform would: compiles every
header by itself, builds examples/virtual_platform against the installed package, and runs it against a golden file. The project as
a subdirectory of another one is configured without all packages that the component does not need.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parents[2]
UNNEEDED = ["Boost", "fmt", "nlohmann_json", "Protobuf", "ONNX", "SQLite3", "verilator", "Torch", "onnxruntime", "Catch2"]
PARENT = """cmake_minimum_required(VERSION 3.25)
project(parent LANGUAGES C CXX)
add_subdirectory({project} bru)
add_executable(virtual_platform {project}/examples/virtual_platform/virtual_platform.cpp)
target_link_libraries(virtual_platform PRIVATE bru::accelerator bru::driver)
"""


# A platform with the RTL as core: it elaborates, and the debug access sees nothing of the RTL but the DMA.
RTL_PROJECT = """cmake_minimum_required(VERSION 3.21)
project(with_rtl LANGUAGES CXX)
find_package(bru REQUIRED COMPONENTS rtl)
add_executable(with_rtl with_rtl.cpp)
target_link_libraries(with_rtl PRIVATE bru::accelerator_rtl)
"""
RTL_PROGRAM = """#include <iostream>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <bru/accelerator.hpp>
#include <bru/accelerator_rtl.hpp>
#include <bru/registers.hpp>

struct Platform : sc_core::sc_module {
    SC_HAS_PROCESS(Platform);
    Platform(const sc_core::sc_module_name& name, const bru::AcceleratorParameters& parameters)
        : sc_module(name), cpu("cpu"), memory("memory"), accelerator("accelerator", parameters) {
        cpu.bind(accelerator.control);
        accelerator.memory.bind(memory);
        accelerator.core_interrupt(lines[0]);
        accelerator.mm2s_interrupt(lines[1]);
        accelerator.s2mm_interrupt(lines[2]);
        SC_THREAD(run);
    }
    void run() {
        std::uint32_t version = 0;
        tlm::tlm_generic_payload payload;
        payload.set_read();
        payload.set_address(bru::reg::kVersion);
        payload.set_data_ptr(reinterpret_cast<unsigned char*>(&version));
        payload.set_data_length(4);
        payload.set_streaming_width(4);
        sc_core::sc_time delay;
        cpu->b_transport(payload, delay);
        std::cout << (payload.is_response_ok() && version == bru::kVersionValue ? "right" : "wrong") << " version\\n";
        sc_core::sc_stop();
    }
    tlm_utils::simple_initiator_socket<Platform, 32> cpu;
    tlm_utils::simple_target_socket<Platform, 64> memory;
    bru::Accelerator accelerator;
    sc_core::sc_signal<bool> lines[3];
};

int sc_main(int, char**) {
    bru::AcceleratorParameters parameters;
    parameters.shape = bru::rtl_shapes().front().shape;
    parameters.core = bru::make_rtl_core;
    Platform platform("platform", parameters);
    sc_core::sc_start();
    return 0;
}
"""


def run(*words):
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: status {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def check_headers(include, folder):
    headers = sorted(include.glob("bru/**/*.h*"))
    if len(headers) < 10:
        sys.exit(f"{include}: only {len(headers)} headers are installed")
    for header in headers:
        source = folder / "one_header.cpp"
        source.write_text(f"#include <{header.relative_to(include)}>\n")
        run("c++", "-std=c++17", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", f"-I{include}", source)
    return len(headers)


def check_platform(program, build, folder):
    image, steps = folder / "digits.image", folder / "digits.steps"
    run(build / "bru", "image", "--config", PROJECT / "configs/z7020.ini", "--model", PROJECT / "models/mnist_rows_h128.onnx",
        "--output", "argmax", "--trace", PROJECT / "traces/digits.trace", "--out", image, "--out-steps", steps)
    return run(program, image, steps, PROJECT / "traces/digits.trace.golden", "argmax last")


def check_symbols(prefix):
    """The library of the component needs SystemC, and nothing else that somebody has to install."""
    library = next(prefix.glob("lib/**/libbru_accelerator.a"))
    missing = {line.split(maxsplit=1)[1] for line in run("nm", "-C", "--undefined-only", library).splitlines() if " U " in line}
    foreign = sorted(name for name in missing if re.match(r"(fmt|boost|onnx|google|nlohmann|sqlite3|absl|Ort|c10|at)(::|_)", name))
    if not missing or foreign:
        sys.exit(f"{library}: needs {foreign or 'nothing at all'}")


def check_libraries(program):
    allowed = re.compile(r"lib(systemc|stdc\+\+|gcc_s|m|c|pthread)[-.0-9]*\.so|linux-vdso|ld-linux")
    for line in run("ldd", program).splitlines():
        if not allowed.search(line):
            sys.exit(f"{program}: needs {line.strip()}")


def check_rtl(prefix, folder):
    """Where the build has the RTL: it is a target of its own."""
    if not (prefix / "include/bru/accelerator_rtl.hpp").exists():
        return "no RTL in this build"
    source = folder / "with_rtl"
    source.mkdir()
    (source / "CMakeLists.txt").write_text(RTL_PROJECT)
    (source / "with_rtl.cpp").write_text(RTL_PROGRAM)
    run("cmake", "-G", "Ninja", "-S", source, "-B", source / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", source / "build")
    out = run(source / "build/with_rtl")
    if "right version" not in out:
        sys.exit(f"with the RTL: {out}")
    return "with RTL"


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prefix, example, parent = folder / "prefix", folder / "example", folder / "parent"
        run("cmake", "--install", build, "--component", "bru-dev", "--prefix", prefix)
        headers = check_headers(prefix / "include", folder)
        run("cmake", "-G", "Ninja", "-S", PROJECT / "examples/virtual_platform", "-B", example, f"-DCMAKE_PREFIX_PATH={prefix}",
            "-DCMAKE_BUILD_TYPE=Release")
        run("cmake", "--build", example)
        check_symbols(prefix)
        check_libraries(example / "virtual_platform")
        rtl = check_rtl(prefix, folder)
        out = check_platform(example / "virtual_platform", build, folder)
        parent.mkdir()
        (parent / "CMakeLists.txt").write_text(PARENT.format(project=PROJECT))
        run("cmake", "-G", "Ninja", "-S", parent, "-B", parent / "build", *[f"-DCMAKE_DISABLE_FIND_PACKAGE_{each}=ON" for each in UNNEEDED])
    print(f"{headers} headers, {rtl}, {out.strip().splitlines()[-1]}")


if __name__ == "__main__":
    main()
