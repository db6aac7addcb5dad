#include "trace/golden_file.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/fnv.hpp"
#include "base/numbers.hpp"
#include "trace/golden_text.hpp"

namespace bru {

std::string golden_path(const std::string& trace_path) { return trace_path + ".golden"; }

std::string GoldenKey::text() const {
    return fmt::format("{} A{} N{} S{} {} {}", fingerprint, formats.activation_bits, formats.lut_address_bits,
                       formats.scale_bits, output_kind_name(mode.kind), output_steps_name(mode.steps));
}

namespace {

std::uint64_t add_value(std::uint64_t hash, std::int32_t value) {
    return fnv1a(hash, std::uint64_t{static_cast<std::uint32_t>(value)});
}

std::uint64_t mixed(std::uint64_t hash) {
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdu;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53u;
    return hash ^ (hash >> 33);
}

} // namespace

std::uint64_t output_digest(const std::vector<std::int32_t>& values) {
    std::uint64_t hash = kFnvStart;
    for (const std::int32_t value : values) hash = add_value(hash, value);
    return mixed(hash);
}

std::array<std::uint64_t, kDigestsAtOnce> output_digests(const std::array<OutputVector, kDigestsAtOnce>& outputs) {
    std::array<std::uint64_t, kDigestsAtOnce> hashes;
    std::array<const std::int32_t*, kDigestsAtOnce> values{};
    hashes.fill(kFnvStart);
    for (std::size_t k = 0; k < kDigestsAtOnce; ++k) values[k] = outputs[k].values.data();
    for (std::size_t unit = 0; unit < outputs[0].values.size(); ++unit)
        for (std::size_t k = 0; k < kDigestsAtOnce; ++k) hashes[k] = add_value(hashes[k], values[k][unit]);
    for (std::uint64_t& hash : hashes) hash = mixed(hash);
    return hashes;
}

std::string text_digest(const std::string& text) { return fmt::format("{:016x}", fnv1a(kFnvStart, text)); }

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
    const auto sequence = parse_integer<std::uint64_t>(take_word(rest));
    const auto step = parse_integer<std::uint64_t>(take_word(rest));
    if (!sequence || !step) throw lines_.error("an output starts with the numbers of its sequence and step");
    expected_.sequence = *sequence;
    expected_.step = *step;
    expected_.values.clear();
    if (comparison_.digests) {
        const std::string_view word = take_word(rest);
        const auto digest = parse_hexadecimal(word);
        if (!digest || word.size() != 16)
            throw lines_.error(fmt::format("{} is no digest of 16 hex digits", bru::quoted(word)));
        expected_digest_ = *digest;
    } else {
        for (std::uint64_t i = 0; i < size_; ++i) {
            const std::string_view word = take_word(rest);
            const auto value = parse_integer<std::int32_t>(word);
            if (!value)
                throw lines_.error(
                    fmt::format("output value {} of {} is {}; it must be an integer", i, size_, bru::quoted(word)));
            expected_.values.push_back(*value);
        }
    }
    if (!take_word(rest).empty()) throw lines_.error("there is more on the line than an output");
    ++read_;
    return true;
}

/// The digests of the waiting outputs, oldest first.
void GoldenChecker::check_digests() {
    if (waiting_count_ == kDigestsAtOnce) {
        const auto digests = output_digests(waiting_);
        for (std::size_t k = 0; k < kDigestsAtOnce; ++k) check_digest(waiting_[k], digests[k], waiting_digests_[k]);
    } else {
        for (std::size_t k = 0; k < waiting_count_; ++k)
            check_digest(waiting_[k], output_digest(waiting_[k].values), waiting_digests_[k]);
    }
    waiting_count_ = 0;
}

void GoldenChecker::check_digest(const OutputVector& output, std::uint64_t digest, std::uint64_t expected) {
    if (digest == expected) return;
    add_mismatch(output,
                 {0,
                  0,
                  {},
                  {},
                  {},
                  fmt::format("the {} values have the digest {:016x}, expected {:016x}", size_, digest, expected)});
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
    if (!read_expected() || expected_.sequence != output.sequence || expected_.step != output.step ||
        output.values.size() != size_) {
        check_digests(); // of the outputs before it
        return check_place(output);
    }
    if (!comparison_.digests) return check_values(output);
    waiting_[waiting_count_] = output;
    waiting_digests_[waiting_count_++] = expected_digest_;
    if (waiting_count_ == kDigestsAtOnce) check_digests();
}

/// An output that is not the one expected next.
void GoldenChecker::check_place(const OutputVector& output) {
    if (at_end_) return add_mismatch(output, {0, 0, {}, {}, {}, "the golden file expects no further output"});
    if (expected_.sequence != output.sequence || expected_.step != output.step)
        return add_mismatch(output, {0,
                                     0,
                                     {},
                                     {},
                                     {},
                                     fmt::format("the golden file expects the output of sequence {}, step {} here",
                                                 expected_.sequence, expected_.step)});
    add_mismatch(output, {0, 0, {}, {}, {}, fmt::format("expected {} values, got {}", size_, output.values.size())});
}

void GoldenChecker::check_values(const OutputVector& output) {
    for (std::size_t unit = 0; unit < size_; ++unit) {
        const std::int32_t expected = expected_.values[unit];
        const std::int32_t got = output.values[unit];
        if (expected == got) continue;
        add_mismatch(output, {0, 0, unit, expected, got, fmt::format("expected {}, got {}", expected, got)});
    }
}

GoldenComparison GoldenChecker::finish() {
    check_digests();
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
                                    unit,
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
