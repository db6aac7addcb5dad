#include "base/line_reader.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_kind.hpp"
#include "base/piped_input.hpp"
#include "base/printable.hpp"

namespace bru {
namespace {

constexpr std::size_t kReadBytes = 1 << 18;
constexpr std::size_t kQuotedCharacters = 40;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF"; ///< that spreadsheets put before UTF-8

} // namespace

LineReader::LineReader(std::string path, std::size_t limit_bytes) : path_(std::move(path)), limit_bytes_(limit_bytes) {
    descriptor_ = ::open(reopenable(path_).c_str(), O_RDONLY);
    if (descriptor_ < 0) throw unreadable(path_, errno);
    struct stat status = {};
    const bool is_short = ::fstat(descriptor_, &status) == 0 && status.st_size < static_cast<off_t>(kReadBytes);
    buffer_.resize(is_short ? static_cast<std::size_t>(status.st_size) + 1 : kReadBytes); // 1: to see the end
}

LineReader::~LineReader() { ::close(descriptor_); }

bool LineReader::fill() {
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (end_ > limit_bytes_) {
        ++line_number_;
        throw error(fmt::format("the line is longer than {} bytes; is this the right kind of file?", limit_bytes_));
    }
    if (end_ == buffer_.size()) buffer_.resize(buffer_.size() + kReadBytes);
    ssize_t got = 0;
    do got = ::read(descriptor_, buffer_.data() + end_, buffer_.size() - end_);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EISDIR) throw InputError({path_}, "is a folder; a file is expected");
    if (got < 0) throw SystemError({path_}, fmt::format("cannot be read: {}", std::strerror(errno)), errno);
    end_ += got;
    return got > 0;
}

std::optional<std::string_view> LineReader::next() {
    std::size_t searched = 0;
    while (true) {
        const char* start = buffer_.data() + begin_;
        const std::size_t available = end_ - begin_;
        const void* found = std::memchr(start + searched, '\n', available - searched);
        whole_ = found != nullptr;
        if (!found) {
            searched = available;
            if (fill()) continue;
            if (available == 0) return std::nullopt;
            start = buffer_.data() + begin_;
        }
        std::size_t length = found ? (static_cast<const char*>(found) - start) : available;
        begin_ += length + (found ? 1 : 0);
        offset_ += length + (found ? 1 : 0);
        ++line_number_;
        if (length > 0 && start[length - 1] == '\r') --length;
        std::string_view line(start, length);
        if (line_number_ == 1 && line.substr(0, kByteOrderMark.size()) == kByteOrderMark)
            line.remove_prefix(kByteOrderMark.size());
        return line;
    }
}

void LineReader::seek(std::uint64_t offset, std::uint64_t line_number) {
    if (::lseek(descriptor_, offset, SEEK_SET) < 0)
        throw InputError({path_}, fmt::format("cannot go back: {}", std::strerror(errno)));
    begin_ = end_ = 0;
    offset_ = offset;
    line_number_ = line_number;
}

InputError LineReader::error(std::string_view message) const {
    return InputError({path_, line_number_}, std::string(message));
}

std::string_view take_word(std::string_view& text) {
    std::size_t start = 0;
    while (start < text.size() && (text[start] == ' ' || text[start] == '\t')) ++start;
    std::size_t end = start;
    while (end < text.size() && text[end] != ' ' && text[end] != '\t') ++end;
    const std::string_view word = text.substr(start, end - start);
    text.remove_prefix(end);
    return word;
}

std::string quoted(std::string_view text) { return "'" + printable(text, kQuotedCharacters) + "'"; }

} // namespace bru
