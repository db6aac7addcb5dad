// One training per folder at a time: two would replace each other's checkpoints and models.
#pragma once

#include <string>

namespace bru::train {

/// Holds a lock on the folder itself, which makes no file and ends with the program, however that ends. Throws
/// InputError where another program holds it. Where the file system knows no locks, there is none.
class FolderLock {
public:
    explicit FolderLock(const std::string& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    int descriptor_ = -1;
};

} // namespace bru::train
