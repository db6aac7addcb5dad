// Outputs of a whole graph in a file: what numpy.concatenate() makes of the outputs of all calls, or a CSV.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host_runtime/tensor.hpp"

namespace bru {

/// One file per output of the graph: the first under the name that the user gave, each further one with the name of the
/// output before the ending. A name that ends in .npy gets a float32 array, any other a CSV (call,row,v0,...).
class WholeOutputWriter {
public:
    explicit WholeOutputWriter(const std::string& path);
    ~WholeOutputWriter();

    /// The outputs of the next call.
    void write(const std::vector<HostTensor>& outputs);
    /// The files take their places.
    void finish();

private:
    struct File;
    std::string path_;
    std::vector<std::unique_ptr<File>> files_; ///< one per output
    std::uint64_t calls_ = 0;
};

} // namespace bru
