// The golden file beside a trace: what the network must put out (keyed by model, number formats and output mode)
// and how many cycles a machine took (keyed by its whole configuration). docs/traces.md has the format.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/line_reader.hpp"
#include "model/network.hpp"
#include "model/number_formats.hpp"
#include "model/output_mode.hpp"
#include "reference/reference.hpp"

namespace bru {

/// The golden file of a trace: the trace's name with ".golden" appended.
std::string golden_path(const std::string& trace_path);

/// Everything that decides outputs, beside the trace itself.
struct GoldenKey {
    std::string fingerprint;
    NumberFormats formats;
    OutputMode mode;

    /// "0123456789abcdef A8 N10 S16 logits every"
    std::string text() const;
};

/// Cycle counts of one machine over the trace.
struct GoldenCycles {
    std::string key;                                           ///< text_digest() of the manifest
    std::vector<std::pair<std::string, std::uint64_t>> counts; ///< name and value, in the order written
};

/// 16 hex digits over a text: FNV-1a. Golden cycles are keyed by that of everything they depend on: resolved
/// configuration, model fingerprint, output mode, kind of arrivals.
std::string text_digest(const std::string& text);

/// FNV-1a over the values as 32-bit words, finished by MurmurHash3's 64-bit mixer.
std::uint64_t output_digest(const std::vector<std::int32_t>& values);

/// A digest waits for the product before; those of several outputs of the same size take turns.
inline constexpr std::size_t kDigestsAtOnce = 4;
std::array<std::uint64_t, kDigestsAtOnce> output_digests(const std::array<OutputVector, kDigestsAtOnce>& outputs);

/// A wrong output value. For a golden file with digests the unit is unknown, and expected and got are
/// absent: locate_mismatch() finds them.
struct OutputMismatch {
    std::uint64_t sequence = 0;
    std::uint64_t step = 0;
    std::optional<std::int64_t> unit;
    std::optional<std::int64_t> expected;
    std::optional<std::int64_t> got;
    std::string reason; ///< one line for a message, always there
};

struct GoldenComparison {
    std::uint64_t checked = 0;    ///< output values compared
    std::uint64_t mismatches = 0; ///< wrong values; a step with a wrong digest, a missing or a surplus step counts once
    std::optional<OutputMismatch> first;
    OutputVector first_got; ///< the output in which the first mismatch was, where there was one
    bool digests = false;   ///< the section holds digests
};

/// Compares outputs with a section of a golden file as they stream by. Constant memory.
class GoldenChecker {
public:
    /// nullptr where the file does not exist or has no such section. Throws InputError where it is damaged.
    static std::unique_ptr<GoldenChecker> open(const std::string& path, const GoldenKey& key);

    void check(const OutputVector& output);

    /// Call after the last output of the whole trace: outputs still expected count as mismatches.
    GoldenComparison finish();

private:
    explicit GoldenChecker(const std::string& path) : lines_(path) {}
    bool find(const std::string& key);
    bool read_expected();
    void check_place(const OutputVector& output);
    void check_digests();
    void check_digest(const OutputVector& output, std::uint64_t digest, std::uint64_t expected);
    void check_values(const OutputVector& output);
    void add_mismatch(const OutputVector& output, OutputMismatch mismatch);

    LineReader lines_;
    std::uint64_t size_ = 0;
    std::uint64_t read_ = 0;
    bool at_end_ = false;
    OutputVector expected_;
    std::uint64_t expected_digest_ = 0;
    std::array<OutputVector, kDigestsAtOnce> waiting_;            ///< outputs whose digests are not yet compared ...
    std::array<std::uint64_t, kDigestsAtOnce> waiting_digests_{}; ///< ... and what they must be
    std::size_t waiting_count_ = 0;
    GoldenComparison comparison_;
};

/// The unit in which `got` differs from what `reference` puts out for the same sequence and step; nullopt where it does
/// not differ (then the golden file is out of date). Runs the reference over the steps up to there.
std::optional<OutputMismatch> locate_mismatch(const QuantizedNetwork& network, OutputMode mode, StepSource& steps,
                                              const OutputVector& got);

/// The cycles of that key, nullopt where the file or the key is absent.
std::optional<GoldenCycles> find_cycles(const std::string& path, const std::string& key);

/// The keys (as text) of all sections with outputs.
std::vector<std::string> golden_sections(const std::string& path);

} // namespace bru
