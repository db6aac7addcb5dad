// --npy: NumPy arrays of numbers, read a step at a time; C and Fortran order, little endian.
#include <cmath>

#include <fmt/format.h>

#include "base/error.hpp"
#include "trace/data_set.hpp"
#include "trace/npy_file.hpp"

namespace bru {
namespace {

class NpyData : public DataSet {
public:
    NpyData(const std::string& path, const Network& network) : file_(path), network_(&network) {
        arrange();
        file_.check_length();
    }

    std::uint64_t sequence_count() override { return sequences_; }
    std::uint64_t step_count() override { return sequences_ * steps_; }
    void seek(std::uint64_t sequence) override { position_ = sequence * steps_; }

    const Step* next() override {
        if (position_ == sequences_ * steps_) return nullptr;
        const std::uint64_t sequence = position_ / steps_;
        const std::uint64_t step = position_ % steps_;
        step_.first = step == 0;
        step_.last = step + 1 == steps_;
        const std::vector<double> row = read_row(sequence, step);
        in_place({file_.path(), 0, fmt::format("sequence {}, step {}", sequence, step)}, [&] {
            for (const double value : row)
                if (!std::isfinite(value))
                    throw InputError(fmt::format("a number is {}; inputs must be finite", value));
            set_input(step_, row, *network_);
        });
        ++position_;
        return &step_;
    }

private:
    static constexpr std::size_t kMostAxes = 3;

    /// The leading axes as one, where there are too many.
    static std::string reshape_remark(const std::vector<std::uint64_t>& shape) {
        if (shape.size() <= kMostAxes) return "; give it one axis, with array.reshape(1)";
        return fmt::format("; put the axes of sequences together, as with array.reshape(-1, {}, {})",
                           shape[shape.size() - 2], shape.back());
    }

    /// From the shape to sequences, steps and features, and the strides (in elements) of each.
    void arrange() {
        const std::vector<std::uint64_t>& shape = file_.shape();
        if (shape.empty() || shape.size() > kMostAxes)
            throw InputError(
                {file_.path()},
                fmt::format("the array {} has {} dimensions; it may be [steps], [steps, features], [steps, 1, "
                            "features] or [sequences, steps, features]{}",
                            file_.shape_text(), shape.size(), reshape_remark(shape)));
        std::vector<std::uint64_t> strides(shape.size(), 1);
        for (std::size_t n = 1; n < shape.size(); ++n) {
            if (file_.fortran_order())
                strides[n] = strides[n - 1] * shape[n - 1];
            else
                strides[shape.size() - 1 - n] = strides[shape.size() - n] * shape[shape.size() - n];
        }
        const bool steps_first = shape.size() < 3 || shape[1] == 1;
        const std::size_t step_axis = steps_first ? 0 : 1;
        sequences_ = steps_first ? 1 : shape[0];
        sequence_stride_ = steps_first ? 0 : strides[0];
        steps_ = shape[step_axis];
        step_stride_ = strides[step_axis];
        features_ = shape.size() == 1 ? 1 : shape.back();
        feature_stride_ = shape.size() == 1 ? 1 : strides.back();
        const std::uint64_t inputs = network_->input_size();
        if (features_ != inputs && !(features_ == 1 && network_->input_encoding == InputEncoding::one_hot))
            throw InputError({file_.path()}, fmt::format("the array {} has {} numbers per step; {} takes {}",
                                                         file_.shape_text(), features_, network_->name, inputs));
    }

    std::vector<double> read_row(std::uint64_t sequence, std::uint64_t step) const {
        const std::uint64_t start = sequence * sequence_stride_ + step * step_stride_;
        if (feature_stride_ == 1) return file_.read(start, features_);
        std::vector<double> row;
        row.reserve(features_);
        for (std::uint64_t i = 0; i < features_; ++i) row.push_back(file_.read(start + i * feature_stride_, 1).front());
        return row;
    }

    NpyFile file_;
    const Network* network_;
    std::uint64_t sequences_ = 1;
    std::uint64_t steps_ = 1;
    std::uint64_t features_ = 1;
    std::uint64_t sequence_stride_ = 0;
    std::uint64_t step_stride_ = 1;
    std::uint64_t feature_stride_ = 1;
    std::uint64_t position_ = 0;
    Step step_;
};

} // namespace

std::unique_ptr<DataSet> open_npy(const std::string& path, const Network& network) {
    return std::make_unique<NpyData>(path, network);
}

} // namespace bru
