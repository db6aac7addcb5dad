#include "model/onnx/budget.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/interrupt.hpp"

namespace bru::onnx_import {
namespace {

// An element takes up to 32 bytes while a node computes and 8 to 16 afterwards, and some 10 ns each time that it is
// touched: a file of 1 MB may take 800 MB and some seconds.
#ifndef BRU_SMALL_BUDGET
constexpr std::int64_t kBaseElements = std::int64_t{1} << 23;
constexpr std::int64_t kElementsPerByte = 8;
constexpr std::int64_t kElementsTogetherPerByte = 16;
constexpr std::int64_t kBaseWork = std::int64_t{1} << 26;
constexpr std::int64_t kWorkPerByte = 128;
#else // for the fuzzer, which tries many small graphs
constexpr std::int64_t kBaseElements = std::int64_t{1} << 12;
constexpr std::int64_t kElementsPerByte = 0;
constexpr std::int64_t kElementsTogetherPerByte = 0;
constexpr std::int64_t kBaseWork = std::int64_t{1} << 15;
constexpr std::int64_t kWorkPerByte = 0;
#endif
constexpr std::int64_t kMostElementsTogether = std::int64_t{1} << 27;

} // namespace

Budget::Budget(std::uint64_t file_bytes) {
    const auto bytes = static_cast<std::int64_t>(file_bytes); // a file has less than 2^31
    most_work_ = kBaseWork + kWorkPerByte * bytes;
    most_elements_ = std::min(kBaseElements + kElementsPerByte * bytes, kMaxElements);
    most_elements_together_ = std::min(kBaseElements + kElementsTogetherPerByte * bytes, kMostElementsTogether);
}

void Budget::spend(std::int64_t elements) {
    if (interrupted()) throw Interrupted();
    work_ += elements;
    if (work_ > most_work_)
        throw InputError(
            fmt::format("to understand the graph takes work on more than {} elements, which is more than a "
                        "file of this size may ask for; simplify the model before the export, for example "
                        "with onnxsim",
                        most_work_));
}

std::int64_t Budget::count(const Dims& dims) const {
    const std::int64_t elements = element_count(dims);
    if (elements > most_elements_)
        throw std::length_error(
            fmt::format("shape {} has more than {} elements, which is more than a file of this size "
                        "may ask for",
                        to_string(dims), most_elements_));
    return elements;
}

} // namespace bru::onnx_import
