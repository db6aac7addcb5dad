// Adds sections to a golden file or replaces them; what is not written again is kept, and what changed is told.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trace/golden_file.hpp"

namespace bru {

/// What a write did to one section.
struct GoldenChange {
    std::string section; ///< "outputs 0123456789abcdef A8 N10 S16 logits every", "cycles 0123456789abcdef"
    bool existed = false;
    bool changed = false;    ///< differs from what was there (false for a new section)
    std::string description; ///< "new: 1000 outputs of 82 values", "unchanged", "3 values differ, first: ..."
};

/// Sections with more values than this hold one digest per output.
inline constexpr std::uint64_t kMostFullValues = 4096;

/// Writes in constant memory; the file takes its place on commit(), with its sections in the order of their keys.
class GoldenWriter {
public:
    /// keep: start from what the file at `path` holds; without it, from nothing (the trace is another one).
    GoldenWriter(std::string path, bool keep);
    ~GoldenWriter();
    GoldenWriter(const GoldenWriter&) = delete;
    GoldenWriter& operator=(const GoldenWriter&) = delete;

    /// Outputs of one section at a time: begin, add each, end.
    void begin_outputs(const GoldenKey& key, int values_per_output);
    void add(const OutputVector& output);
    GoldenChange end_outputs();

    GoldenChange set_cycles(const GoldenCycles& cycles);

    void commit();

private:
    struct Section;
    void write_digest(const OutputVector& output);
    void spill(); ///< from full values to digests
    void copy_kept(class OutputFile& file, const std::string& key) const;

    std::string path_;
    bool keep_;
    std::map<std::string, std::unique_ptr<Section>> sections_; ///< new ones by key
    std::map<std::string, GoldenCycles> cycles_;               ///< old and new ones
    Section* open_ = nullptr;
    std::unique_ptr<GoldenChecker> old_;
};

} // namespace bru
