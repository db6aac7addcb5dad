// The names in a folder.
#include <filesystem>

#include "support/catch.hpp"

#include "base/folder_names.hpp"
#include "support/temporary_folder.hpp"

using namespace bru;
using Names = std::vector<std::string>;

TEST_CASE("are the names of a folder those with the extension, sorted?") {
    const testing::TemporaryFolder folder;
    for (const char* name : {"b.ini", "a.ini", "c.txt", ".ini", "ini"}) folder.write(name, "");
    std::filesystem::create_directory(folder / "d.ini");
    const std::string path = folder / "";
    CHECK(names_in_folder(path, ".ini") == Names{"a.ini", "b.ini", "d.ini"});
    CHECK(names_in_folder(path, "") == Names{".ini", "a.ini", "b.ini", "c.txt", "d.ini", "ini"});
    std::error_code error = std::make_error_code(std::errc::io_error);
    CHECK(names_in_folder(path, "", error, 2).size() == 2);
    CHECK(!error);
}

TEST_CASE("is a folder that cannot be read an error, and no names?") {
    const testing::TemporaryFolder folder;
    std::error_code error;
    CHECK(names_in_folder(folder / "none", "", error).empty());
    CHECK(error == std::errc::no_such_file_or_directory);
    folder.write("file", "");
    CHECK(names_in_folder(folder / "file", "", error).empty());
    CHECK(error == std::errc::not_a_directory);
    CHECK(names_in_folder(folder / "none", ".ini").empty());
}
