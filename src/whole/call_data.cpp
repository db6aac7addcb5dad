#include "whole/call_data.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "base/line_reader.hpp"
#include "base/printable.hpp"
#include "trace/npy_file.hpp"

namespace bru {
namespace {

using Dims = std::vector<std::int64_t>;

std::int64_t product(const Dims& dims) {
    return std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
}

/// Without the axes of size 1.
Dims squeezed(Dims dims) {
    dims.erase(std::remove(dims.begin(), dims.end(), 1), dims.end());
    return dims;
}

/// Calls in an array of the shape: those of a leading axis, or of multiples of the first one; 0: it does not fit.
std::int64_t calls_in(const Dims& shape, const Dims& wanted) {
    const bool has_leading_axis = shape.size() == wanted.size() + 1;
    if (!has_leading_axis && shape.size() != wanted.size()) return 0;
    std::int64_t calls = has_leading_axis ? shape.front() : 1;
    for (std::size_t axis = 0; axis < wanted.size(); ++axis) {
        const std::int64_t size = shape[axis + (has_leading_axis ? 1 : 0)];
        if (wanted[axis] == 0 || size == wanted[axis]) continue;
        if (axis > 0 || has_leading_axis || size % wanted[axis] != 0) return 0;
        calls = size / wanted[axis];
    }
    return calls;
}

Division division_of(std::int64_t calls, std::int64_t elements, const Dims& wanted) {
    Division division{narrow<std::uint64_t>(calls), wanted};
    const auto open = std::find(division.dims.begin(), division.dims.end(), 0);
    if (open == division.dims.end()) return division;
    *open = 1;
    *open = elements / calls / product(division.dims);
    return division;
}

void check_finite(const std::vector<double>& values) {
    for (const double value : values)
        if (!std::isfinite(value)) throw InputError(fmt::format("a number is {}; inputs must be finite", value));
}

[[noreturn]] void does_not_fit(const std::string& path, const std::string& what, const GraphInput& input,
                               const std::string& model) {
    throw InputError({path}, fmt::format("{} does not fit the input '{}' of {}, which is {}; leading axes of the data "
                                         "count calls, and axes of size 1 may be left out",
                                         what, printable(input.name), model, input_text(input)));
}

class NpyCalls : public CallSource {
public:
    NpyCalls(const std::string& path, const GraphInput& input, const std::string& model) : file_(path) {
        file_.check_length();
        const Dims shape(file_.shape().begin(), file_.shape().end());
        const auto division = divide(shape, input.dims);
        if (!division) does_not_fit(path, "the array " + file_.shape_text(), input, model);
        if (file_.fortran_order() && shape.size() > 1)
            throw InputError({path}, "holds the first axis fastest (Fortran order); save it with "
                                     "numpy.save(file, numpy.ascontiguousarray(array))");
        division_ = *division;
    }

    std::optional<DataCall> next() override {
        if (place_ == division_.calls) return std::nullopt;
        const auto elements = narrow<std::uint64_t>(product(division_.dims));
        DataCall call{file_.read(place_ * elements, elements), division_.dims, place_ + 1 == division_.calls, {}, {}};
        in_place({file_.path(), 0, fmt::format("call {}", place_)}, [&] { check_finite(call.values); });
        ++place_;
        return call;
    }

    void restart() override { place_ = 0; }
    std::uint64_t count() override { return division_.calls; }

private:
    NpyFile file_;
    Division division_;
    std::uint64_t place_ = 0;
};

/// Rows of numbers, sequence by sequence.
class RowCalls : public CallSource {
public:
    RowCalls(TraceSource source, std::string path, const GraphInput& input, std::string model, int columns)
        : path_(std::move(path)), input_(input), model_(std::move(model)) {
        rows_.name = model_;
        rows_.layers.emplace_back();
        rows_.layers.front().input_size = columns;
        data_ = open_data(source, path_, rows_);
    }

    std::optional<DataCall> next() override {
        if (place_ == division_.calls && !read_sequence()) return std::nullopt;
        const auto elements = narrow<std::ptrdiff_t>(product(division_.dims));
        const auto start = narrow<std::ptrdiff_t>(place_) * elements;
        DataCall call;
        call.values.assign(values_.begin() + start, values_.begin() + start + elements);
        if (transposes_) call.values = transposed(call.values);
        call.dims = division_.dims;
        const std::size_t rows = labels_.size() / division_.calls;
        const auto label = labels_.begin() + narrow<std::ptrdiff_t>(place_ * rows);
        call.row_labels.assign(label, label + narrow<std::ptrdiff_t>(rows));
        ++place_;
        call.ends_sequence = place_ == division_.calls;
        return call;
    }

    void restart() override {
        data_->seek(0);
        division_ = {};
        place_ = 0;
    }

    std::uint64_t count() override {
        restart();
        std::uint64_t calls = 0;
        while (read_sequence()) calls += division_.calls;
        restart();
        return calls;
    }

    std::string remark() const override {
        std::string remark = data_->remark();
        if (left_out_rows_ > 0)
            remark += fmt::format("{}{} rows at the ends of sequences are left out, since they do not fill a whole "
                                  "call of the graph",
                                  remark.empty() ? "" : "; ", left_out_rows_);
        return remark;
    }

private:
    bool read_sequence() {
        values_.clear();
        labels_.clear();
        columns_ = 0;
        while (const Step* const step = data_->next()) {
            values_.insert(values_.end(), step->values.begin(), step->values.end());
            labels_.push_back(step->label);
            columns_ = signed_size(step->values);
            if (step->last) break;
        }
        if (values_.empty()) return false;
        cut_to_whole_calls();
        place_ = 0;
        return true;
    }

    /// Rows at the end that do not fill a call are left out.
    void cut_to_whole_calls() {
        const Dims wanted = squeezed(input_.dims);
        const std::int64_t all = signed_size(labels_);
        transposes_ = wanted.size() == 2 && wanted[0] == columns_ && wanted[1] == 0 && columns_ > 1;
        for (std::int64_t rows = all; rows > 0 && rows > all - longest_rest(); --rows) {
            const auto found = transposes_ ? std::optional<Division>(division_of(1, rows * columns_, input_.dims))
                                           : divide(columns_ == 1 ? Dims{rows} : Dims{rows, columns_}, input_.dims);
            if (!found) continue;
            left_out_rows_ += narrow<std::uint64_t>(all - rows);
            values_.resize(narrow<std::size_t>(rows * columns_));
            labels_.resize(narrow<std::size_t>(rows));
            division_ = *found;
            return;
        }
        does_not_fit(path_, fmt::format("a sequence of {} rows of {} numbers", all, columns_), input_, model_);
    }

    std::int64_t longest_rest() const {
        const bool is_open = std::find(input_.dims.begin(), input_.dims.end(), 0) != input_.dims.end();
        return is_open ? 1 : product(input_.dims);
    }

    /// From [rows, columns] to [columns, rows].
    std::vector<double> transposed(const std::vector<double>& values) const {
        const std::size_t columns = narrow<std::size_t>(columns_);
        const std::size_t rows = values.size() / columns;
        std::vector<double> turned(values.size());
        for (std::size_t row = 0; row < rows; ++row)
            for (std::size_t column = 0; column < columns; ++column)
                turned[column * rows + row] = values[row * columns + column];
        return turned;
    }

    Network rows_; ///< what the readers of rows have to know of a network, which they refer to
    std::unique_ptr<DataSet> data_;
    std::string path_;
    GraphInput input_;
    std::string model_;
    std::vector<double> values_;
    std::vector<std::int32_t> labels_; ///< one per row
    std::int64_t columns_ = 0;
    Division division_;
    std::uint64_t place_ = 0;
    bool transposes_ = false;
    std::uint64_t left_out_rows_ = 0;
};

/// Numbers in the first line of a CSV.
int columns_of(const std::string& path) {
    LineReader lines(path);
    while (const auto line = lines.next())
        if (line->find_first_not_of(" \t\r") != std::string_view::npos)
            return narrow<int>(std::count(line->begin(), line->end(), ',')) + 1;
    throw InputError({path}, "there are no rows in it");
}

} // namespace

std::string input_text(const GraphInput& input) {
    std::vector<std::string> sizes;
    for (const std::int64_t size : input.dims) sizes.push_back(size == 0 ? "steps" : fmt::format("{}", size));
    return fmt::format("{} [{}]", element_type_name(static_cast<ElementType>(input.element_type)),
                       fmt::join(sizes, ", "));
}

std::optional<Division> divide(const Dims& shape, const Dims& wanted) {
    const std::int64_t elements = product(shape);
    std::int64_t calls = calls_in(shape, wanted);
    if (calls == 0) calls = calls_in(squeezed(shape), squeezed(wanted));
    if (calls == 0) return std::nullopt;
    return division_of(calls, elements, wanted);
}

std::unique_ptr<CallSource> open_calls(TraceSource source, const std::string& path, const GraphInput& input,
                                       const std::string& model) {
    if (source == TraceSource::npy) return std::make_unique<NpyCalls>(path, input, model);
    const int columns = source == TraceSource::csv   ? columns_of(path)
                        : source == TraceSource::wav ? wav_channels(path)
                                                     : 1;
    return std::make_unique<RowCalls>(source, path, input, model, columns);
}

} // namespace bru
