#include "virtual_board/instruction_profile.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/enumeration.hpp"

namespace bru {

namespace {

struct NamedWork {
    std::string_view prefix; ///< of the names of the functions
    Work work;
};

/// The first prefix that fits decides. The compiler may put one function into another, which then counts as the other.
constexpr NamedWork kWorkOfFunctions[] = {{"bru_encode", Work::encoding},
                                          {"next_steps", Work::encoding},
                                          {"bru_quantize", Work::encoding},
                                          {"bru_decode", Work::outputs},
                                          {"take_outputs", Work::outputs},
                                          {"print_", Work::text},
                                          {"uart_put", Work::text},
                                          {"memcpy", Work::copies},
                                          {"memset", Work::copies},
                                          {"memmove", Work::copies},
                                          {"clean", Work::caches},
                                          {"invalidate", Work::caches},
                                          {"irq_handler", Work::interrupts},
                                          {"uart_", Work::interrupts},
                                          {"bru_bare_metal_", Work::interrupts},
                                          {"wait_for_lines", Work::interrupts},
                                          {"pending", Work::interrupts},
                                          {"bru_read_image", Work::checks},
                                          {"bru_crc32", Work::checks},
                                          {"bru_", Work::driver},
                                          {"acknowledge", Work::driver},
                                          {"write_address", Work::driver},
                                          {"start_input_part", Work::driver},
                                          {"prepare", Work::driver},
                                          {"take_packet", Work::driver},
                                          {"read32", Work::driver},
                                          {"write32", Work::driver},
                                          {"now", Work::driver},
                                          {"__aeabi", Work::arithmetic},
                                          {"__udiv", Work::arithmetic},
                                          {"__div", Work::arithmetic},
                                          {".", Work::arithmetic}};

Work work_of(std::string_view name) {
    for (const NamedWork& each : kWorkOfFunctions)
        if (name.substr(0, each.prefix.size()) == each.prefix) return each.work;
    return Work::other;
}

} // namespace

const char* work_name(Work work) {
    constexpr std::array<const char*, kWorks> kNames = {"encoding of steps",
                                                        "decoding of outputs",
                                                        "printing",
                                                        "copies",
                                                        "cache maintenance",
                                                        "interrupts",
                                                        "driver",
                                                        "check of the image",
                                                        "division",
                                                        "other"};
    return kNames.at(index_of(work));
}

InstructionProfile::InstructionProfile(std::vector<ElfFunction> functions) : functions_(std::move(functions)) {}

std::vector<std::uint64_t> InstructionProfile::by_work() const {
    std::vector<std::uint64_t> sums(kWorks, 0);
    std::size_t function = 0;
    Work work = Work::other;
    for (std::size_t word = 0; word < counts_.size(); ++word) {
        while (function < functions_.size() && functions_[function].address <= word * 4)
            work = work_of(functions_[function++].name);
        sums[index_of(work)] += counts_[word];
    }
    return sums;
}

} // namespace bru
