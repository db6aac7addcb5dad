#include "trace/golden_file.hpp"

#include <charconv>
#include <filesystem>

#include <fmt/format.h>

#include "model/error.hpp"
#include "trace/golden_text.hpp"

namespace bru {

std::string golden_path(const std::string& trace_path) { return trace_path + ".golden"; }

std::string GoldenKey::text() const {
    return fmt::format("{} A{} N{} S{} {} {}", fingerprint, formats.activation_bits, formats.lut_address_bits,
                       formats.scale_bits, output_kind_name(mode.kind), output_steps_name(mode.steps));
}

std::uint64_t output_digest(const std::vector<std::int32_t>& values) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const std::int32_t value : values) hash = (hash ^ static_cast<std::uint32_t>(value)) * 0x100000001b3u;
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdu;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53u;
    return hash ^ (hash >> 33);
}

std::string cycles_key(const std::string& manifest) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const char c : manifest) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return fmt::format("{:016x}", hash);
}

std::unique_ptr<GoldenChecker> GoldenChecker::open(const std::string& path, const GoldenKey& key) {
    if (!std::filesystem::exists(path)) return nullptr;
    std::unique_ptr<GoldenChecker> checker(new GoldenChecker(path));
    if (!checker->find(key.text())) return nullptr;
    return checker;
}

bool GoldenChecker::find(const std::string& key) {
    golden::check_magic(lines_);
    while (const auto line = golden::next_line(lines_)) {
        const auto header = golden::parse_outputs_header(*line, lines_);
        if (!header) continue;
        if (header->key != key) {
            golden::skip_section(lines_);
            continue;
        }
        size_ = header->size;
        comparison_.digests = header->digests;
        return true;
    }
    return false;
}

/// The next output of the section into expected_; false at its end.
bool GoldenChecker::read_expected() {
    if (at_end_) return false;
    const std::string_view line = golden::section_line(lines_);
    std::string_view rest = line;
    if (golden::is_end(line)) {
        golden::check_end(line, read_, lines_);
        at_end_ = true;
        return false;
    }
    const auto sequence = parse_unsigned(take_word(rest));
    const auto step = parse_unsigned(take_word(rest));
    if (!sequence || !step) throw lines_.error("an output starts with the numbers of its sequence and step");
    expected_.sequence = *sequence;
    expected_.step = *step;
    expected_.values.clear();
    if (comparison_.digests) {
        const std::string_view word = take_word(rest);
        const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), expected_digest_, 16);
        if (code != std::errc() || word.size() != 16 || end != word.data() + word.size())
            throw lines_.error(fmt::format("{} is no digest of 16 hex digits", quoted(word)));
    } else {
        for (std::uint64_t i = 0; i < size_; ++i) {
            const std::string_view word = take_word(rest);
            const auto value = parse_int32(word);
            if (!value)
                throw lines_.error(
                    fmt::format("output value {} of {} is {}; it must be an integer", i, size_, quoted(word)));
            expected_.values.push_back(*value);
        }
    }
    if (!take_word(rest).empty()) throw lines_.error("there is more on the line than an output");
    ++read_;
    return true;
}

void GoldenChecker::add_mismatch(const OutputVector& output, OutputMismatch mismatch) {
    ++comparison_.mismatches;
    if (comparison_.first) return;
    mismatch.sequence = output.sequence;
    mismatch.step = output.step;
    mismatch.reason = fmt::format("sequence {}, step {}{}: {}", output.sequence, output.step,
                                  mismatch.unit ? fmt::format(", unit {}", *mismatch.unit) : "", mismatch.reason);
    comparison_.first = std::move(mismatch);
    comparison_.first_got = output;
}

void GoldenChecker::check(const OutputVector& output) {
    comparison_.checked += output.values.size();
    if (!read_expected()) return add_mismatch(output, {0, 0, {}, {}, {}, "the golden file expects no further output"});
    if (expected_.sequence != output.sequence || expected_.step != output.step)
        return add_mismatch(output, {0,
                                     0,
                                     {},
                                     {},
                                     {},
                                     fmt::format("the golden file expects the output of sequence {}, step {} here",
                                                 expected_.sequence, expected_.step)});
    if (output.values.size() != size_)
        return add_mismatch(output,
                            {0, 0, {}, {}, {}, fmt::format("expected {} values, got {}", size_, output.values.size())});
    if (!comparison_.digests) return check_values(output);
    if (const std::uint64_t digest = output_digest(output.values); digest != expected_digest_)
        add_mismatch(output, {0,
                              0,
                              {},
                              {},
                              {},
                              fmt::format("the {} values have the digest {:016x}, expected {:016x}", size_, digest,
                                          expected_digest_)});
}

void GoldenChecker::check_values(const OutputVector& output) {
    for (std::size_t unit = 0; unit < size_; ++unit) {
        const std::int32_t expected = expected_.values[unit];
        const std::int32_t got = output.values[unit];
        if (expected == got) continue;
        add_mismatch(output, {0, 0, static_cast<std::int64_t>(unit), expected, got,
                              fmt::format("expected {}, got {}", expected, got)});
    }
}

GoldenComparison GoldenChecker::finish() {
    while (read_expected()) add_mismatch(expected_, {0, 0, {}, {}, {}, "this output is missing"});
    return comparison_;
}

std::optional<OutputMismatch> locate_mismatch(const QuantizedNetwork& network, OutputMode mode, StepSource& steps,
                                              const OutputVector& got) {
    Reference reference(network, mode);
    std::optional<OutputMismatch> result;
    bool passed = false;
    const auto compare = [&](const OutputVector& expected) {
        if (passed || expected.sequence != got.sequence || expected.step != got.step) return;
        passed = true;
        for (std::size_t unit = 0; unit < std::min(expected.values.size(), got.values.size()); ++unit) {
            if (expected.values[unit] == got.values[unit]) continue;
            result = OutputMismatch{got.sequence,
                                    got.step,
                                    static_cast<std::int64_t>(unit),
                                    expected.values[unit],
                                    got.values[unit],
                                    fmt::format("sequence {}, step {}, unit {}: expected {}, got {}", got.sequence,
                                                got.step, unit, expected.values[unit], got.values[unit])};
            return;
        }
    };
    while (!passed) {
        const Step* step = steps.next();
        if (!step) break;
        reference.step(*step, compare);
    }
    return result;
}

std::optional<GoldenCycles> find_cycles(const std::string& path, const std::string& key) {
    if (!std::filesystem::exists(path)) return std::nullopt;
    for (GoldenCycles& cycles : golden::read_index(path).cycles)
        if (cycles.key == key) return std::move(cycles);
    return std::nullopt;
}

std::vector<std::string> golden_sections(const std::string& path) {
    if (!std::filesystem::exists(path)) return {};
    return golden::read_index(path).sections;
}

} // namespace bru
