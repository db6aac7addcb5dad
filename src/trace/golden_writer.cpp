#include "trace/golden_writer.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "base/numbers.hpp"
#include "base/output_file.hpp"
#include "base/temporary_file.hpp"
#include "trace/golden_text.hpp"

namespace bru {

/// A new section: its text in a nameless temporary file, or still in memory while it may be written in full.
struct GoldenWriter::Section {
    golden::OutputsHeader header;
    TemporaryFile body;
    std::vector<OutputVector> full;
    std::uint64_t outputs = 0;
};

GoldenWriter::GoldenWriter(std::string path, bool keep)
    : path_(std::move(path)), keep_(keep && std::filesystem::exists(path_)) {
    if (!keep_) return;
    for (GoldenCycles& cycles : golden::read_index(path_).cycles) {
        const std::string key = cycles.key;
        cycles_.emplace(key, std::move(cycles));
    }
}

GoldenWriter::~GoldenWriter() = default;

void GoldenWriter::begin_outputs(const GoldenKey& key, int values_per_output) {
    auto section = std::make_unique<Section>();
    section->header = {key.text(), static_cast<std::uint64_t>(values_per_output), false};
    if (keep_) old_ = GoldenChecker::open(path_, key);
    open_ = section.get();
    sections_[section->header.key] = std::move(section);
}

void GoldenWriter::add(const OutputVector& output) {
    if (old_) old_->check(output);
    ++open_->outputs;
    if (!open_->header.digests && open_->outputs * open_->header.size > kMostFullValues) spill();
    if (open_->header.digests) return write_digest(output);
    open_->full.push_back(output);
}

void GoldenWriter::spill() {
    open_->header.digests = true;
    for (const OutputVector& output : open_->full) write_digest(output);
    open_->full.clear();
}

void GoldenWriter::write_digest(const OutputVector& output) {
    open_->body.write(fmt::format("{} {} {:016x}\n", output.sequence, output.step, output_digest(output.values)));
}

GoldenChange GoldenWriter::end_outputs() {
    for (const OutputVector& output : open_->full) {
        std::string line = fmt::format("{} {}", output.sequence, output.step);
        for (const std::int32_t value : output.values) {
            line += ' ';
            append_integer(line, value);
        }
        open_->body.write(line + "\n");
    }
    open_->full.clear();
    GoldenChange change{"outputs " + open_->header.key, old_ != nullptr, false, {}};
    if (!old_) {
        change.description = fmt::format("new: {} outputs of {} values", open_->outputs, open_->header.size);
    } else if (const GoldenComparison comparison = old_->finish(); comparison.mismatches > 0) {
        change.changed = true;
        change.description =
            fmt::format("{} {} differ; first: {} (expected: the old file, got: the new one)", comparison.mismatches,
                        comparison.digests ? "outputs" : "values", comparison.first->reason);
    } else {
        change.description = "unchanged";
    }
    old_.reset();
    open_ = nullptr;
    return change;
}

GoldenChange GoldenWriter::set_cycles(const GoldenCycles& cycles) {
    GoldenChange change{"cycles " + cycles.key, false, false, "new"};
    const auto old = cycles_.find(cycles.key);
    if (old != cycles_.end()) {
        change.existed = true;
        change.changed = old->second.counts != cycles.counts;
        change.description = change.changed ? "" : "unchanged";
        for (const auto& [name, count] : cycles.counts) {
            const auto same = std::find_if(old->second.counts.begin(), old->second.counts.end(),
                                           [&key = name](const auto& entry) { return entry.first == key; });
            if (same != old->second.counts.end() && same->second == count) continue;
            change.description +=
                fmt::format("{}{} {} -> {}", change.description.empty() ? "" : ", ", name,
                            same == old->second.counts.end() ? "absent" : std::to_string(same->second), count);
        }
        if (change.description.empty()) change.description = "fewer counts than before";
    }
    cycles_[cycles.key] = cycles;
    return change;
}

void GoldenWriter::copy_kept(OutputFile& file, const std::string& key) const {
    LineReader lines(path_);
    golden::check_magic(lines);
    while (const auto line = golden::next_line(lines)) {
        const auto header = golden::parse_outputs_header(*line, lines);
        if (!header) continue;
        if (header->key != key) {
            golden::skip_section(lines);
            continue;
        }
        file.write(golden::outputs_header_line(*header));
        std::string_view output;
        do {
            output = golden::section_line(lines);
            file.write(output);
            file.write("\n");
        } while (!golden::is_end(output));
        return;
    }
}

void GoldenWriter::commit() {
    OutputFile file(path_);
    file.write(fmt::format("{}\n", golden::kMagic));
    for (const auto& [key, cycles] : cycles_) file.write(golden::cycles_line(cycles));
    std::set<std::string> keys;
    for (const auto& [key, section] : sections_) keys.insert(key);
    if (keep_)
        for (const std::string& key : golden::read_index(path_).sections) keys.insert(key);
    for (const std::string& key : keys) {
        const auto section = sections_.find(key);
        if (section == sections_.end()) {
            copy_kept(file, key);
            continue;
        }
        file.write(golden::outputs_header_line(section->second->header));
        TemporaryFile& body = section->second->body;
        body.rewind();
        for (std::string_view block = body.next_block(); !block.empty(); block = body.next_block()) file.write(block);
        file.write(fmt::format("end {}\n", section->second->outputs));
    }
    file.write(fmt::format("{}\n", golden::kEndOfFile));
    file.commit();
}

} // namespace bru
