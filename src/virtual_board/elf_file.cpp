#include "virtual_board/elf_file.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <tuple>

#include "base/error.hpp"

namespace bru {

namespace {

constexpr std::uint16_t kMachineArm = 40;
constexpr std::uint32_t kLoadedSegment = 1;
constexpr std::uint32_t kSymbolTable = 2;
constexpr unsigned kFunctionSymbol = 2;

/// The structures of the format, as far as they are used; the fields are those of the System V ABI.
struct Header {
    unsigned char identification[16];
    std::uint16_t type, machine;
    std::uint32_t version, entry, program_offset, section_offset, flags;
    std::uint16_t header_bytes, program_bytes, programs, section_bytes, sections, names;
};
struct ProgramHeader {
    std::uint32_t type, offset, virtual_address, physical_address, file_bytes, memory_bytes, flags, alignment;
};
struct SectionHeader {
    std::uint32_t name, type, flags, address, offset, bytes, link, info, alignment, entry_bytes;
};
struct Symbol {
    std::uint32_t name, value, bytes;
    unsigned char info, other;
    std::uint16_t section;
};

class Reader {
public:
    explicit Reader(std::string bytes) : bytes_(std::move(bytes)) {}

    template <typename T>
    T at(std::uint64_t offset) const {
        T value;
        if (offset + sizeof value > bytes_.size()) throw InputError("the file ends within a table; link it again");
        std::memcpy(&value, bytes_.data() + offset, sizeof value);
        return value;
    }
    std::string part(std::uint64_t offset, std::uint64_t count) const {
        if (offset + count > bytes_.size()) throw InputError("the file ends within a segment; link it again");
        return bytes_.substr(offset, count);
    }
    std::string text(std::uint64_t offset) const {
        const std::size_t end = offset < bytes_.size() ? bytes_.find('\0', offset) : std::string::npos;
        if (end == std::string::npos) throw InputError("the file ends within a name; link it again");
        return bytes_.substr(offset, end - offset);
    }

private:
    std::string bytes_;
};

void check_header(const Header& header) {
    constexpr unsigned char kArm32[6] = {0x7F, 'E', 'L', 'F', 1, 1};
    if (std::memcmp(header.identification, kArm32, sizeof kArm32) != 0 || header.machine != kMachineArm)
        throw InputError("this is no executable for 32-bit ARM; build the firmware with arm-none-eabi-gcc");
}

std::vector<ElfFunction> read_functions(const Reader& file, const Header& header) {
    std::vector<ElfFunction> functions;
    for (std::uint32_t k = 0; k < header.sections; ++k) {
        const auto section = file.at<SectionHeader>(header.section_offset + std::uint64_t{k} * header.section_bytes);
        if (section.type != kSymbolTable) continue;
        const auto names =
            file.at<SectionHeader>(header.section_offset + std::uint64_t{section.link} * header.section_bytes);
        for (std::uint32_t offset = 0; offset + sizeof(Symbol) <= section.bytes; offset += sizeof(Symbol)) {
            const auto symbol = file.at<Symbol>(std::uint64_t{section.offset} + offset);
            if ((symbol.info & 0xF) == kFunctionSymbol)
                functions.push_back({symbol.value & ~1U, file.text(std::uint64_t{names.offset} + symbol.name)});
        }
    }
    std::sort(functions.begin(), functions.end(), [](const ElfFunction& a, const ElfFunction& b) {
        return std::tie(a.address, a.name) < std::tie(b.address, b.name);
    });
    return functions;
}

} // namespace

ElfFile read_elf_file(const std::string& path) {
    return in_place({path}, [&] {
        std::ifstream stream(path, std::ios::binary);
        if (!stream) throw InputError("the firmware cannot be read; give one with --firmware FILE");
        const Reader file({std::istreambuf_iterator<char>(stream), {}});
        const auto header = file.at<Header>(0);
        check_header(header);
        ElfFile elf;
        elf.entry = header.entry;
        for (std::uint32_t k = 0; k < header.programs; ++k) {
            const auto segment =
                file.at<ProgramHeader>(header.program_offset + std::uint64_t{k} * header.program_bytes);
            if (segment.type == kLoadedSegment && segment.file_bytes > 0)
                elf.segments.push_back({segment.physical_address, file.part(segment.offset, segment.file_bytes)});
        }
        elf.functions = read_functions(file, header);
        return elf;
    });
}

} // namespace bru
