// --csv: numbers separated by commas, a row per step, an empty line between sequences.
#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
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

/// What stands between commas that are in no quotes.
std::vector<std::string_view> fields_of(std::string_view text) {
    std::vector<std::string_view> fields;
    std::size_t begin = 0;
    bool in_quotes = false;
    for (std::size_t place = 0; place <= text.size(); ++place) {
        if (place < text.size() && text[place] == '"') in_quotes = !in_quotes;
        if (place < text.size() && (in_quotes || text[place] != ',')) continue;
        fields.push_back(trim(text.substr(begin, place - begin)));
        begin = place + 1;
    }
    return fields;
}

/// Without the quotes that some programs put around every field.
std::string_view unquoted(std::string_view field) {
    const bool is_quoted = field.size() > 1 && field.front() == '"' && field.back() == '"';
    return is_quoted ? trim(field.substr(1, field.size() - 2)) : field;
}

std::string lower_case(std::string_view field) {
    std::string lower(unquoted(field));
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return lower;
}

/// With a sign or without one.
bool is_infinite(std::string_view field) {
    std::string lower = lower_case(field);
    if (!lower.empty() && (lower.front() == '-' || lower.front() == '+')) lower.erase(0, 1);
    return lower == "inf" || lower == "infinity";
}

/// Spreadsheets and data frames write these for a value that is not there.
bool is_missing_value(std::string_view field) {
    const auto words = {"na", "n/a", "nan", "nil", "null", "none", "missing", "nat", "undefined"};
    return std::find(words.begin(), words.end(), lower_case(field)) != words.end();
}

/// "2024-01-31", "31.01.2024", "12:30:00": digits with the same mark between them twice, or with a colon.
bool is_date(std::string_view field) {
    const std::string_view date = unquoted(field);
    if (date.empty() || std::isdigit(static_cast<unsigned char>(date.front())) == 0) return false;
    if (date.find_first_not_of("0123456789-/.:+ TZ") != std::string_view::npos) return false;
    return date.find(':') != std::string_view::npos || std::count(date.begin(), date.end(), '-') == 2 ||
           std::count(date.begin(), date.end(), '/') == 2 || std::count(date.begin(), date.end(), '.') == 2;
}

/// Where another character than a comma seems to part the numbers.
std::string separator_remark(std::string_view field) {
    constexpr std::pair<char, const char*> kSeparators[] = {{';', "semicolons"}, {'\t', "tabs"}, {' ', "blanks"}};
    for (const auto& [separator, name] : kSeparators) {
        const std::size_t place = field.find(separator);
        if (place != std::string_view::npos && parse_real(trim(field.substr(0, place))))
            return fmt::format("; here the numbers have {} between them", name);
    }
    if (is_infinite(field)) return "; infinity is not allowed";
    if (!field.empty() && field.front() == '#') return "; a comment has no place in it: remove the line";
    if (is_missing_value(field)) return "; a missing value has no place in it";
    if (is_date(field)) return "; a date or a time is no input: leave its column out, or make a number of it";
    return number_remark(field);
}

/// A name begins with a letter, an underscore, a quote or a character beyond ASCII, and is no value.
bool is_name(std::string_view field) {
    if (field.empty() || is_number(unquoted(field)) || is_missing_value(field) || is_infinite(field)) return false;
    const unsigned char start = field.front();
    return std::isalpha(start) != 0 || start == '_' || start == '"' || start >= 0x80;
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

    std::string remark() const override {
        if (header_fields_ == 0) return "";
        return fmt::format("line 1 is a header of {} and no step: {}", names_text(), bru::quoted(header_));
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
            if (is_header(text)) continue;
            ahead_ = parse_row(text);
            ahead_line_ = lines_.line_number();
            return;
        }
        gap_ = true;
    }

    std::string names_text() const {
        return fmt::format("{} {}", header_fields_, header_fields_ == 1 ? "name" : "names");
    }

    /// Whether the line under the reader is a header, which header_ keeps.
    bool is_header(std::string_view text) {
        if (lines_.line_number() != 1) return false;
        const std::vector<std::string_view> fields = fields_of(text);
        if (!std::all_of(fields.begin(), fields.end(), is_name)) return false;
        header_ = text;
        header_fields_ = fields.size();
        return true;
    }

    /// An empty field: where it stands tells why.
    std::string empty_field_remark(std::size_t fields_before, bool is_last) const {
        if (is_last && fields_before > 0) return "; here the line ends with a comma: remove it";
        return lines_.line_number() == 1 && fields_before == 0
                   ? "; here the column of row numbers has no name: write the file without that column (pandas: "
                     "index=False)"
                   : "; a missing value has no place in it";
    }

    std::vector<double> parse_row(std::string_view text) const {
        std::vector<double> row;
        while (true) {
            const std::size_t comma = text.find(',');
            const std::string_view field = trim(text.substr(0, comma));
            const auto value = parse_real(unquoted(field));
            if (!value)
                throw lines_.error(fmt::format(
                    "field {} is {}; a row is finite numbers with commas between, an empty line ends a sequence{}",
                    row.size() + 1, bru::quoted(field),
                    field.empty() ? empty_field_remark(row.size(), comma == std::string_view::npos)
                                  : separator_remark(field)));
            row.push_back(*value);
            if (comma == std::string_view::npos) break;
            text.remove_prefix(comma + 1);
        }
        if (header_fields_ != 0 && row.size() != header_fields_)
            throw lines_.error(
                fmt::format("the row has {} numbers, but line 1, {}, has {}; give a header a name for each "
                            "column, or remove it",
                            row.size(), bru::quoted(header_), names_text()));
        return row;
    }

    /// Finds where sequences start: 16 bytes per sequence.
    void scan() {
        if (!starts_.empty()) return;
        lines_.seek(0, 0);
        bool gap = true;
        for (std::uint64_t offset = 0; const auto line = lines_.next(); offset = lines_.offset()) {
            const std::string_view text = trim(*line);
            if (text.empty()) gap = true;
            if (text.empty() || is_header(text)) continue;
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
    std::string header_; ///< line 1, where it is one
    std::size_t header_fields_ = 0;
};

} // namespace

std::unique_ptr<DataSet> open_csv(const std::string& path, const Network& network) {
    if (const std::string other_kind = file_kind_remark(path, "a CSV file"); !other_kind.empty())
        throw InputError({path},
                         fmt::format("is no CSV file{}; give rows of numbers with commas between, or the data as "
                                     "a NumPy array, an IDX file or sound",
                                     other_kind));
    return std::make_unique<CsvData>(path, network);
}

} // namespace bru
