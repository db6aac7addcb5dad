// Files that are being written have a name beside their place. A signal that ends the program removes them.
#pragma once

#include <string>

#include <sys/types.h>

namespace bru {

/// A new file without content beside `path`, under a name that nobody can have foreseen: no older file is opened and no
/// symbolic link is followed. The destructor removes the name, and so does remove_unfinished_files().
class UnfinishedFile {
public:
    /// Throws std::system_error with the reason where the file cannot be made.
    UnfinishedFile(const std::string& path, mode_t permissions);
    ~UnfinishedFile();
    UnfinishedFile(const UnfinishedFile&) = delete;
    UnfinishedFile& operator=(const UnfinishedFile&) = delete;

    const std::string& name() const { return name_; }
    /// Open for reading and writing. Its owner closes it.
    int descriptor() const { return descriptor_; }

    /// Renames the file to `path`, which it replaces. Throws std::system_error; then the file still has its own name.
    void rename_to(const std::string& path);

private:
    std::string name_; ///< "" once the name is gone
    int descriptor_ = -1;
    std::size_t place_ = 0; ///< in the table of names
};

/// For signal handlers. In a forked process it removes nothing: the files are those of the parent.
void remove_unfinished_files() noexcept;

} // namespace bru
