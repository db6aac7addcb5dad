// What the import of a model may cost. A small file can ask for any amount of work and memory: it expands a constant,
// and adds up the result again and again. What is allowed grows with the file, so that real models never notice.
#pragma once

#include <cstdint>

#include "model/onnx/value.hpp"

namespace bru::onnx_import {

class Budget {
public:
    explicit Budget(std::uint64_t file_bytes);

    /// Counts the work on so many elements, over all walks of the import. Throws InputError where it is too much, and
    /// Interrupted after Ctrl-C.
    void spend(std::int64_t elements);

    /// Elements of a tensor that graph arithmetic makes. Throws std::length_error where they are too many.
    std::int64_t count(const Dims& dims) const;

    /// Of all tensors that one walk makes, together.
    std::int64_t most_elements_together() const { return most_elements_together_; }

private:
    std::int64_t most_work_;
    std::int64_t most_elements_;
    std::int64_t most_elements_together_;
    std::int64_t work_ = 0;
};

} // namespace bru::onnx_import
