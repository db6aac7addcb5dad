// Does a message about a wrong file say which kind of file it is, or which one was meant?
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/file_kind.hpp"
#include "base/nearest.hpp"
#include "support/catch.hpp"

using namespace bru;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {

/// A folder with one file.
struct Folder {
    Folder() {
        char pattern[] = "/tmp/bru_kind_XXXXXX";
        path = mkdtemp(pattern);
    }
    ~Folder() { fs::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string write(const std::string& name, const std::string& content) const {
        std::ofstream(path / name, std::ios::binary) << content;
        return (path / name).string();
    }
    fs::path path;
};

} // namespace

TEST_CASE("which kind of file is it?", "[file_kind]") {
    const Folder folder;
    const auto remark = [&](const std::string& content) {
        return file_kind_remark(folder.write("file", content), "a program");
    };
    CHECK_THAT(remark("bru trace 1\n"), ContainsSubstring("a trace"));
    CHECK_THAT(remark("bru golden 1\n"), ContainsSubstring("golden file"));
    CHECK_THAT(remark("SQLite format 3\n"), ContainsSubstring("database"));
    CHECK_THAT(remark("\x93NUMPY\x01"), ContainsSubstring("NumPy array"));
    CHECK_THAT(remark("PK\x03\x04..."), ContainsSubstring("ZIP archive"));
    CHECK_THAT(remark(std::string("\x40\0\0\0\0\0\0\0{\"a\": 1}", 16)), ContainsSubstring("safetensors"));
    CHECK_THAT(remark("\xfe\xff"), ContainsSubstring("UTF-16"));
    CHECK_THAT(remark(" \n<HTML>"), ContainsSubstring("HTML page"));
    CHECK(remark("RIFF....AVI ").empty());
    CHECK_THAT(remark("{\"a\": 1}"), ContainsSubstring("JSON"));
    CHECK_THAT(remark("[bru]\nlanes = 64\n"), ContainsSubstring("INI file"));
    CHECK_THAT(remark("# a comment\n\n[bru]\nlanes = 64\n"), ContainsSubstring("INI file"));
    CHECK(remark("# Title\n\nText [1]\n").empty());
    CHECK(remark("[0.5, 0.25]\n[0.5, 0.25]\n").empty());
    CHECK_THAT(remark("version https://git-lfs.github.com/spec/v1"), ContainsSubstring("git lfs pull"));
    CHECK_THAT(file_kind_remark(BRU_SOURCE_DIR "/models/warpeace_h256.onnx", "a trace"),
               ContainsSubstring("ONNX model"));
    CHECK(remark("plain text").empty());
    CHECK(remark("").empty());
    CHECK(file_kind_remark((folder.path / "absent").string(), "a trace").empty());
}

TEST_CASE("a remark does not contradict a message about a damaged file", "[file_kind]") {
    const Folder folder;
    const std::string json = folder.write("cut.json", "{\"a\": ");
    CHECK(file_kind_remark(json, "JSON").empty());
    CHECK_THAT(file_kind_remark(json, "a trace"), ContainsSubstring("it is JSON"));
    CHECK(file_kind_remark(BRU_SOURCE_DIR "/models/warpeace_h256.onnx", "an ONNX model").empty());
}

TEST_CASE("names of other words are no suggestion, whatever ending or section they share", "[file_kind]") {
    CHECK(nearest_name("nope.onnx", {"huge.onnx"}).empty());
    CHECK(nearest_name("nope.trace", {"p.trace"}).empty());
    CHECK(nearest_name("run.seed", {"run.steps"}).empty());
    CHECK(nearest_name("--largest", {"--lanes"}).empty());
    CHECK(nearest_name("BRU", {"run", "bru"}) == "bru");
    CHECK(nearest_name("run.stepts", {"run.steps"}) == "run.steps");
    CHECK(nearest_name("warpece.trace", {"warpeace.trace"}) == "warpeace.trace");
}

TEST_CASE("a file that is not there names its folder or its neighbour", "[file_kind]") {
    const Folder folder;
    folder.write("rows.csv", "1\n");
    CHECK_THAT(unreadable((folder.path / "row.csv").string(), ENOENT).what(),
               ContainsSubstring("there is no such file. Did you mean 'rows.csv'?"));
    CHECK_THAT(unreadable("/nowhere/rows.csv", ENOENT).what(), ContainsSubstring("there is no folder /nowhere"));
    CHECK_THAT(unreadable("-", ENOENT).what(), ContainsSubstring("give /dev/stdin"));
    CHECK_THAT(unreadable("rows.csv", EACCES).what(), ContainsSubstring("Permission denied; name a file"));
}
