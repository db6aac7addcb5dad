#include "base/read_text.hpp"

#include <algorithm>
#include <cerrno>
#include <istream>
#include <iterator>

#include "base/error.hpp"

namespace bru {

std::string rest_of(std::istream& stream, const std::string& path) {
    try {
        return {std::istreambuf_iterator<char>(stream), {}};
    } catch (const std::ios_base::failure&) {
        throw SystemError({path}, "cannot be read to its end", EIO);
    }
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

} // namespace bru
