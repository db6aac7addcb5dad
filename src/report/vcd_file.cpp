#include "report/vcd_file.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "base/integers.hpp"
#include "base/output_file.hpp"
#include "machine/core_shape.hpp"

namespace bru {

namespace {

constexpr int kWordBits = 64;
constexpr char kFirstIdentifier = '!';
constexpr char kClockIdentifier = '~';

struct Change {
    Cycle cycle = 0;
    std::size_t signal = 0;
    const std::uint64_t* value = nullptr; ///< nullptr: the idle value
};

char identifier(std::size_t signal) { return static_cast<char>(kFirstIdentifier + static_cast<char>(signal)); }

std::string header(const std::array<SignalInfo, kSignals>& table) {
    std::string text = "$comment BRU core, cycle by cycle $end\n$timescale 1ps $end\n$scope module bru_core $end\n";
    text += fmt::format("$var wire 1 {} aclk $end\n", kClockIdentifier);
    std::string_view block;
    for (std::size_t k = 0; k < table.size(); ++k) {
        const SignalInfo& signal = table[k];
        if (block != signal.block) {
            if (!block.empty()) text += "$upscope $end\n";
            block = signal.block;
            text += fmt::format("$scope module {} $end\n", block);
        }
        const std::string range = signal.bits > 1 ? fmt::format(" [{}:0]", signal.bits - 1) : "";
        text += fmt::format("$var wire {} {} {}{} $end\n", signal.bits, identifier(k), signal.name, range);
    }
    return text + "$upscope $end\n$upscope $end\n$enddefinitions $end\n";
}

/// Every change in the window, in the order of the file; a signal without a range at the window's begin starts idle.
std::vector<Change> changes(const SignalTrace& trace) {
    std::vector<Change> result;
    for (std::size_t k = 0; k < kSignals; ++k) {
        const auto ranges = trace.ranges(static_cast<Signal>(k));
        Cycle idle_from = trace.begin();
        for (const SignalTrace::Range& range : ranges) {
            if (range.from > idle_from) result.push_back({idle_from, k, nullptr});
            result.push_back({range.from, k, trace.words(range)});
            idle_from = range.to;
        }
        if (idle_from < trace.end()) result.push_back({idle_from, k, nullptr});
    }
    std::sort(result.begin(), result.end(), [](const Change& a, const Change& b) {
        return a.cycle != b.cycle ? a.cycle < b.cycle : a.signal < b.signal;
    });
    return result;
}

std::string value_text(const SignalInfo& signal, std::size_t index, const std::uint64_t* value) {
    if (signal.bits == 1) {
        const char bit = value == nullptr ? (signal.flag ? '0' : 'x') : (*value & 1) != 0 ? '1' : '0';
        return {bit, identifier(index), '\n'};
    }
    std::string digits;
    if (value == nullptr) {
        digits = signal.flag ? "0" : "x";
    } else {
        int bit = signal.bits - 1;
        const auto is_set = [&](int at) { return (value[at / kWordBits] >> (at % kWordBits) & 1) != 0; };
        while (bit > 0 && !is_set(bit)) --bit; // readers put zeros in front
        for (; bit >= 0; --bit) digits += is_set(bit) ? '1' : '0';
    }
    return "b" + digits + ' ' + identifier(index) + '\n';
}

} // namespace

void write_vcd(const std::string& path, const SignalTrace& trace, const CoreShape& shape, double clock_mhz) {
    constexpr double kPicosecondsPerMicrosecond = 1e6;
    const auto time_ps = [&](double cycles) { return std::llround(cycles * kPicosecondsPerMicrosecond / clock_mhz); };
    const auto table = signal_table(shape);
    const std::vector<Change> all = changes(trace);
    OutputFile file(path);
    file.write(header(table));
    auto change = all.begin();
    std::array<std::string, kSignals> written;
    for (Cycle cycle = trace.begin(); cycle < trace.end(); ++cycle) {
        const auto time = real(cycle);
        file.write(fmt::format("#{}\n1{}\n", time_ps(time), kClockIdentifier));
        for (; change != all.end() && change->cycle == cycle; ++change) {
            std::string text = value_text(table[change->signal], change->signal, change->value);
            if (text == written[change->signal]) continue; // an idle value of another name
            file.write(text);
            written[change->signal] = std::move(text);
        }
        file.write(fmt::format("#{}\n0{}\n", time_ps(time + 0.5), kClockIdentifier));
    }
    file.write(fmt::format("#{}\n", time_ps(real(trace.end()))));
    file.commit();
}

} // namespace bru
