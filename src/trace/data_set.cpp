#include "trace/data_set.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/integers.hpp"
#include "base/line_reader.hpp"
#include "base/numbers.hpp"
#include "base/piped_input.hpp"
#include "trace/idx_file.hpp"

namespace bru {
namespace {

std::uint32_t symbol_of(double value, const Network& network) {
    const int size = network.input_size();
    if (!(value >= 0 && value < size) || value != std::floor(value))
        throw InputError(
            fmt::format("the symbol is {}; {} takes the index of a symbol, 0 to {}", value, network.name, size - 1));
    return static_cast<std::uint32_t>(value);
}

std::uint32_t place_of_one(const std::vector<double>& row) {
    const auto one = std::find(row.begin(), row.end(), 1.0);
    const auto zeros = std::count(row.begin(), row.end(), 0.0);
    if (one == row.end() || zeros + 1 != signed_size(row))
        throw InputError(fmt::format(
            "the model takes one-hot inputs, and these {} numbers are not a single 1 among zeros", row.size()));
    return narrow<std::uint32_t>(one - row.begin());
}

} // namespace

void set_input(Step& step, const std::vector<double>& row, const Network& network) {
    const std::size_t size = network.input_size();
    if (network.input_encoding == InputEncoding::one_hot) {
        if (row.size() != 1 && row.size() != size)
            throw InputError(
                fmt::format("there are {} numbers; {} takes one symbol index, or {} numbers of which one is 1",
                            row.size(), network.name, size));
        step.symbol = row.size() == 1 ? symbol_of(row.front(), network) : place_of_one(row);
        return;
    }
    if (row.size() != size)
        throw InputError(fmt::format("there are {} numbers; {} takes {} per step", row.size(), network.name, size));
    step.values = row;
}

std::vector<std::uint32_t> read_integers(const std::string& path, const std::string& what) {
    const std::string other_kind = file_kind_remark(path, "an IDX file of labels");
    if (!other_kind.empty())
        throw InputError({path},
                         fmt::format("is no file of {} numbers{}; give one whole number, 0 or more, on each line", what,
                                     other_kind));
    {
        const BinaryFile file(path);
        if (is_idx_of_labels(file)) return read_idx_labels(file);
    }
    std::vector<std::uint32_t> result;
    LineReader lines(path);
    while (const auto line = lines.next()) {
        std::string_view rest = *line;
        const std::string_view word = take_word(rest);
        if (word.empty()) continue;
        const auto value = parse_integer<std::int32_t>(word);
        if (!value || *value < 0 || !take_word(rest).empty())
            throw lines.error(fmt::format("{} is no {}; the file has one whole number, 0 or more, on each line",
                                          bru::quoted(*line), what));
        result.push_back(*value);
    }
    if (result.empty())
        throw InputError(
            {path}, fmt::format("there is no {} in the file; give one whole number, 0 or more, on each line", what));
    return result;
}

InputError without_steps(const std::string& path) {
    std::error_code unknown;
    const bool is_empty = std::filesystem::file_size(path, unknown) == 0 && !unknown;
    return {{path},
            fmt::format("{}; give data with at least one",
                        is_empty ? "is empty: there are no steps in it" : "there are no steps in it")};
}

BinaryFile::BinaryFile(std::string path) : path_(std::move(path)) {
    descriptor_ = ::open(reopenable(path_).c_str(), O_RDONLY);
    if (descriptor_ < 0) throw unreadable(path_, errno);
    struct stat status = {};
    if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(descriptor_);
        throw InputError({path_}, "is no file; a file or a pipe is expected");
    }
    size_ = status.st_size;
}

BinaryFile::~BinaryFile() { ::close(descriptor_); }

std::vector<unsigned char> BinaryFile::read(std::uint64_t offset, std::size_t count) const {
    std::vector<unsigned char> bytes(offset > size_ || count > size_ - offset ? 0 : count);
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t got = ::pread(descriptor_, bytes.data() + done, bytes.size() - done, offset + done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        done += got;
    }
    if (done != count)
        throw InputError(
            {path_},
            fmt::format(
                "is cut off: {} bytes from byte {} on are needed, and the file has {}; copy it again, or write it anew",
                count, offset, size_));
    return bytes;
}

} // namespace bru
