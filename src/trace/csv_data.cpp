// --csv: numbers separated by commas, a row per step, an empty line between sequences.
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/line_reader.hpp"
#include "base/numbers.hpp"
#include "trace/data_set.hpp"

namespace bru {
namespace {

std::string_view trim(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

class CsvData : public DataSet {
public:
    CsvData(const std::string& path, const Network& network) : lines_(path), network_(&network) {}

    std::uint64_t sequence_count() override {
        scan();
        return starts_.size();
    }

    std::uint64_t step_count() override {
        scan();
        return steps_;
    }

    void seek(std::uint64_t sequence) override {
        scan();
        const auto [offset, line_number] = starts_.at(sequence);
        lines_.seek(offset, line_number);
        started_ = false;
    }

    const Step* next() override {
        if (!started_) {
            gap_ = true;
            read_ahead();
        }
        started_ = true;
        if (!ahead_) return nullptr;
        step_.first = gap_;
        in_place({lines_.path(), ahead_line_}, [&] { set_input(step_, *ahead_, *network_); });
        read_ahead();
        step_.last = gap_;
        return &step_;
    }

private:
    /// Reads the next row; gap_: it starts another sequence (or there is none).
    void read_ahead() {
        gap_ = !started_;
        ahead_.reset();
        while (const auto line = lines_.next()) {
            const std::string_view text = trim(*line);
            if (text.empty()) {
                gap_ = true;
                continue;
            }
            if (lines_.line_number() == 1 && is_header(text)) continue;
            ahead_ = parse_row(text);
            ahead_line_ = lines_.line_number();
            return;
        }
        gap_ = true;
    }

    /// A first line of names: every field starts with a letter, an underscore or a quote, and none is nan or inf.
    static bool is_header(std::string_view text) {
        while (true) {
            const std::size_t comma = text.find(',');
            const std::string_view field = trim(text.substr(0, comma));
            const char start = field.empty() ? '0' : field.front();
            const bool name =
                (start >= 'a' && start <= 'z') || (start >= 'A' && start <= 'Z') || start == '_' || start == '"';
            if (!name || is_number(field)) return false;
            if (comma == std::string_view::npos) return true;
            text.remove_prefix(comma + 1);
        }
    }

    std::vector<double> parse_row(std::string_view text) const {
        std::vector<double> row;
        while (true) {
            const std::size_t comma = text.find(',');
            const std::string_view field = trim(text.substr(0, comma));
            const auto value = parse_real(field);
            if (!value)
                throw lines_.error(fmt::format(
                    "field {} is {}; a row is finite numbers with commas between, an empty line ends a sequence",
                    row.size() + 1, bru::quoted(field)));
            row.push_back(*value);
            if (comma == std::string_view::npos) return row;
            text.remove_prefix(comma + 1);
        }
    }

    /// Finds where sequences start: 16 bytes per sequence.
    void scan() {
        if (!starts_.empty()) return;
        lines_.seek(0, 0);
        bool gap = true;
        for (std::uint64_t offset = 0; const auto line = lines_.next(); offset = lines_.offset()) {
            const std::string_view text = trim(*line);
            if (text.empty()) gap = true;
            if (text.empty() || (lines_.line_number() == 1 && is_header(text))) continue;
            if (gap) starts_.emplace_back(offset, lines_.line_number() - 1);
            gap = false;
            ++steps_;
        }
        lines_.seek(0, 0);
        started_ = false;
    }

    LineReader lines_;
    const Network* network_;
    Step step_;
    bool started_ = false;
    bool gap_ = true;
    std::optional<std::vector<double>> ahead_;
    std::uint64_t ahead_line_ = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> starts_; ///< byte and number of the line before
    std::uint64_t steps_ = 0;
};

} // namespace

std::unique_ptr<DataSet> open_csv(const std::string& path, const Network& network) {
    return std::make_unique<CsvData>(path, network);
}

} // namespace bru
