// Shipped files by name. The test program stands in the build folder, so it finds the source tree.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "base/shipped_files.hpp"
#include "support/catch.hpp"

using namespace bru;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {

/// A data folder in BRU_DATA while the object lives.
class DataInVariable {
public:
    DataInVariable() {
        char pattern[] = "/tmp/bru_data_XXXXXX";
        path = mkdtemp(pattern);
        fs::create_directories(path + "/models");
        std::ofstream(path + "/models/own.onnx") << "x";
        std::ofstream(path + "/models/warpeace_h256.onnx") << "x";
        setenv("BRU_DATA", path.c_str(), 1);
    }
    ~DataInVariable() {
        unsetenv("BRU_DATA");
        fs::remove_all(path);
    }
    DataInVariable(const DataInVariable&) = delete;
    DataInVariable& operator=(const DataInVariable&) = delete;

    std::string path;
};

} // namespace

TEST_CASE("a shipped file is found by its name, with or without its folder", "[shipped_files]") {
    const std::string trace = BRU_SOURCE_DIR "/traces/warpeace.trace";
    CHECK(find_input_file(ShippedKind::trace, "warpeace.trace") == trace);
    CHECK(find_input_file(ShippedKind::trace, "traces/warpeace.trace", "/") == trace);
    CHECK(find_input_file(ShippedKind::trace, trace) == trace);
    CHECK(find_input_file(ShippedKind::sweep, "warpeace.ini") == BRU_SOURCE_DIR "/configs/sweeps/warpeace.ini");
    CHECK(find_input_file(ShippedKind::fleet, "microphones.ini") == BRU_SOURCE_DIR "/configs/fleets/microphones.ini");
    CHECK(find_shipped(ShippedKind::device, "xc7z020.ini") == BRU_SOURCE_DIR "/configs/devices/xc7z020.ini");
    CHECK_FALSE(find_shipped(ShippedKind::model, "/warpeace_h256.onnx"));
    CHECK_FALSE(find_shipped(ShippedKind::model, ""));
}

TEST_CASE("the folder in BRU_DATA comes before the others, and after the path itself", "[shipped_files]") {
    const DataInVariable data;
    CHECK(find_input_file(ShippedKind::model, "warpeace_h256.onnx") == data.path + "/models/warpeace_h256.onnx");
    CHECK(find_input_file(ShippedKind::model, "own.onnx") == data.path + "/models/own.onnx");
    CHECK(find_input_file(ShippedKind::model, "digits_h128.onnx") == BRU_SOURCE_DIR "/models/digits_h128.onnx");
    std::ofstream(data.path + "/own.onnx") << "beside";
    CHECK(find_input_file(ShippedKind::model, "own.onnx", data.path) == data.path + "/own.onnx");
}

TEST_CASE("what is nowhere is told with the places and the nearest name", "[shipped_files]") {
    CHECK_THROWS_WITH(find_input_file(ShippedKind::model, "warpeace_h25.onnx"),
                      ContainsSubstring("warpeace_h25.onnx: cannot be opened") &&
                          ContainsSubstring(BRU_SOURCE_DIR "/models (build folder)") &&
                          ContainsSubstring("Did you mean 'warpeace_h256.onnx'"));
    CHECK_THROWS_WITH(find_input_file(ShippedKind::trace, "/nowhere.trace"), ContainsSubstring("/nowhere.trace"));
    CHECK_THROWS_AS(find_input_file(ShippedKind::trace, ""), InputError);
    setenv("BRU_DATA", "/no/such/folder", 1);
    CHECK_THROWS_WITH(find_input_file(ShippedKind::model, "x.onnx"),
                      ContainsSubstring("/no/such/folder/models (BRU_DATA, no such folder)"));
    unsetenv("BRU_DATA");
}
