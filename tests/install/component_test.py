#!/usr/bin/env python3
"""usage: component_test.py BUILD_FOLDER

Installs the component and the driver, as `cmake --install` does, and uses them as the owner of a platform would: compiles every
header by itself, builds examples/virtual_platform against the installed package, and runs it against a golden file. The project as
a subdirectory of another one is configured without all packages that the component does not need.
"""
import pathlib
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
        out = check_platform(example / "virtual_platform", build, folder)
        parent.mkdir()
        (parent / "CMakeLists.txt").write_text(PARENT.format(project=PROJECT))
        run("cmake", "-G", "Ninja", "-S", parent, "-B", parent / "build", *[f"-DCMAKE_DISABLE_FIND_PACKAGE_{each}=ON" for each in UNNEEDED])
    print(f"{headers} headers, {out.strip().splitlines()[-1]}")


if __name__ == "__main__":
    main()
