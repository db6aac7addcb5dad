// NumPy arrays of numbers in a file: what the header says, and the numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trace/data_set.hpp"

namespace bru {

struct NpyHeader {
    char kind = 'f'; ///< f, i, u, b
    int item_bytes = 4;
    bool fortran_order = false;
    std::vector<std::uint64_t> shape;
    std::uint64_t data_offset = 0;
};

class NpyFile {
public:
    /// Throws InputError where the file is no array of numbers.
    explicit NpyFile(const std::string& path);

    /// Throws InputError where the file is not as long as its header says.
    void check_length() const;

    const std::string& path() const { return file_.path(); }
    const std::vector<std::uint64_t>& shape() const { return header_.shape; }
    bool fortran_order() const { return header_.fortran_order; }
    std::uint64_t size() const; ///< numbers
    std::string shape_text() const;
    /// `count` numbers in the order of the file.
    std::vector<double> read(std::uint64_t first, std::uint64_t count) const;

private:
    BinaryFile file_;
    NpyHeader header_;
};

/// The first bytes of a file with a float32 array of `rows` times the sizes behind them. Its length does not depend on
/// the rows, so that they can be patched when they are known.
std::string npy_header(std::uint64_t rows, const std::vector<std::int64_t>& sizes);

/// Adds the number as such a file holds it.
void append_float32(std::string& bytes, float value);

} // namespace bru
