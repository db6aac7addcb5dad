// The names in a folder.
#include <cstdlib>
#include <filesystem>
#include <new>

#include "support/catch.hpp"

#include "base/folder_names.hpp"
#include "support/temporary_folder.hpp"

using namespace bru;
using Names = std::vector<std::string>;

namespace {

int allocations_left = -1; ///< until one fails; negative: none does

} // namespace

void* operator new(std::size_t size) {
    if (allocations_left == 0) throw std::bad_alloc();
    if (allocations_left > 0) --allocations_left;
    void* const made = std::malloc(size == 0 ? 1 : size);
    if (made == nullptr) throw std::bad_alloc();
    return made;
}

void operator delete(void* made) noexcept { std::free(made); }
void operator delete(void* made, std::size_t) noexcept { std::free(made); }

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

TEST_CASE("does a folder whose names do not fit into memory throw, and not end the program?") {
    const testing::TemporaryFolder folder;
    for (int i = 0; i < 10; ++i)
        folder.write("a name that is longer than a string keeps in itself " + std::to_string(i), "");
    const std::string path = folder / "";
    int failures = 0;
    std::size_t names = 0;
    while (names == 0) {
        allocations_left = failures;
        try {
            names = names_in_folder(path, "").size();
        } catch (const std::bad_alloc&) {
            allocations_left = -1;
            ++failures;
        }
        allocations_left = -1;
    }
    CHECK(names == 10);
    CHECK(failures > 10);
}
