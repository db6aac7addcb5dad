// Recognition and quantization of weight matrices.
#include "model/onnx/weights.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/integers.hpp"

namespace bru::onnx_import {
namespace {

constexpr int kMaxPlanes = 8;
/// Float rounding in a training loop may leave magnitudes a few units in the last place apart.
constexpr double kSameMagnitude = 1e-6;
constexpr int kMostGridValue = 1 << (kMaxPlanes - 1);

/// A row as integers and a scale. planes 0: not representable.
struct Row {
    int planes = 0;
    std::vector<std::int32_t> values;
    double scale = 0;
};

/// Scales are float32 numbers, which an ONNX file can hold: a network that is written reads back the same.
double as_float(double scale) { return static_cast<double>(static_cast<float>(scale)); }

int planes_of(std::int32_t value) {
    int planes = 2;
    while (planes <= 32 && (value < -(std::int64_t{1} << (planes - 1)) || value >= (std::int64_t{1} << (planes - 1))))
        ++planes;
    return planes;
}

/// The row as +1 and -1, where its weights have one magnitude; planes 0 otherwise.
Row binary_row(const float* weights, std::size_t columns) {
    double largest = 0;
    double smallest = std::fabs(double{weights[0]});
    double sum = 0;
    for (std::size_t column = 0; column < columns; ++column) {
        const double magnitude = std::fabs(double{weights[column]});
        largest = std::max(largest, magnitude);
        smallest = std::min(smallest, magnitude);
        sum += magnitude;
    }
    if (largest - smallest > kSameMagnitude * largest) return {};
    Row row{1, {}, as_float(largest == smallest ? largest : sum / real(columns))};
    for (std::size_t column = 0; column < columns; ++column) row.values.push_back(weights[column] < 0 ? -1 : 1);
    return row;
}

/// The row as the integers of DequantizeLinear, where one scale holds for all of it.
Row integer_row(const QuantizedWeight* weights, std::size_t columns) {
    Row row{2, {}, double{weights[0].scale}};
    for (std::size_t column = 0; column < columns; ++column) {
        if (weights[column].scale != weights[0].scale) return {};
        row.values.push_back(weights[column].value);
        row.planes = std::max(row.planes, planes_of(weights[column].value));
    }
    if (row.planes > kMaxPlanes) row.planes = 0;
    return row;
}

/// The row as integers of 2 to kMaxPlanes bits, where its weights are multiples of one scale: what training with
/// quantized weights leaves in float weights. The largest scale counts, so that the row has the fewest planes. planes 0
/// otherwise.
Row grid_row(const float* weights, std::size_t columns) {
    double largest = 0;
    double smallest = 0; ///< but not 0
    for (std::size_t column = 0; column < columns; ++column) {
        const double magnitude = std::fabs(double{weights[column]});
        largest = std::max(largest, magnitude);
        if (magnitude > 0 && (smallest == 0 || magnitude < smallest)) smallest = magnitude;
    }
    const double tolerance = kSameMagnitude * largest;
    for (int smallest_value = 1; smallest_value <= kMostGridValue; ++smallest_value) {
        Row row{2, {}, smallest / smallest_value};
        if (largest > (kMostGridValue + 0.5) * row.scale) break; // and so with every smaller scale
        for (std::size_t column = 0; column < columns; ++column) {
            const double value = std::round(double{weights[column]} / row.scale);
            if (std::fabs(value * row.scale - double{weights[column]}) > tolerance) break;
            row.values.push_back(static_cast<std::int32_t>(value));
            row.planes = std::max(row.planes, planes_of(row.values.back()));
        }
        if (row.values.size() == columns && row.planes <= kMaxPlanes) {
            // The largest weight says the scale most exactly.
            const auto peak =
                std::max_element(row.values.begin(), row.values.end(),
                                 [](std::int32_t a, std::int32_t b) { return std::abs(a) < std::abs(b); });
            row.scale = as_float(largest / std::abs(*peak));
            return row;
        }
    }
    return {};
}

void check_finite(const RawMatrix& raw) {
    for (std::size_t i = 0; i < raw.values.size(); ++i)
        if (!std::isfinite(raw.values[i]))
            throw InputError(
                {"", 0, raw.place},
                fmt::format("row {}, column {} is {}; weights must be finite numbers: train or export the model again",
                            static_cast<std::int64_t>(i) / raw.columns, static_cast<std::int64_t>(i) % raw.columns,
                            raw.values[i]));
}

/// n = 1: sign(w) * mean abs; n > 1: scale = max abs / (2^(n-1) - 1), q = floor(w / scale + 1/2).
Row quantize_row(const float* weights, std::size_t columns, int bits) {
    double largest = 0;
    double sum = 0;
    for (std::size_t column = 0; column < columns; ++column) {
        const double magnitude = std::fabs(double{weights[column]});
        largest = std::max(largest, magnitude);
        sum += magnitude;
    }
    const int top = (1 << (bits - 1)) - 1;
    Row row{bits, {}, as_float(bits == 1 ? sum / real(columns) : largest / top)};
    for (std::size_t column = 0; column < columns; ++column) {
        const auto weight = double{weights[column]};
        if (bits == 1)
            row.values.push_back(weight < 0 ? -1 : 1);
        else if (row.scale == 0)
            row.values.push_back(0);
        else
            row.values.push_back(
                std::clamp(static_cast<std::int32_t>(std::floor(weight / row.scale + 0.5)), -top - 1, top));
    }
    return row;
}

std::vector<Row> recognize_rows(const RawMatrix& raw) {
    const std::size_t columns = raw.columns;
    std::vector<Row> rows;
    for (std::size_t start = 0; start < raw.values.size(); start += columns) {
        rows.push_back(binary_row(&raw.values[start], columns));
        if (rows.back().planes == 0 && !raw.quantized.empty())
            rows.back() = integer_row(&raw.quantized[start], columns);
        if (rows.back().planes == 0) rows.back() = grid_row(&raw.values[start], columns);
    }
    return rows;
}

WeightMatrix to_matrix(const RawMatrix& raw, const std::vector<Row>& rows) {
    WeightMatrix matrix;
    matrix.rows = narrow<int>(raw.rows);
    matrix.columns = narrow<int>(raw.columns);
    for (const Row& row : rows) {
        matrix.planes = std::max(matrix.planes, row.planes);
        matrix.scales.push_back(row.scale);
        for (const std::int32_t value : row.values) matrix.values.push_back(static_cast<std::int8_t>(value));
    }
    return matrix;
}

/// The matrix as a file with the quantized weights has it. Recognizing it anew gives what reading that file gives.
RawMatrix quantized_matrix(const RawMatrix& raw, int bits) {
    RawMatrix quantized{raw.place, raw.rows, raw.columns, {}, {}};
    const std::size_t columns = raw.columns;
    for (std::size_t start = 0; start < raw.values.size(); start += columns) {
        const Row row = quantize_row(&raw.values[start], columns, bits);
        const auto scale = static_cast<float>(row.scale);
        for (const std::int32_t value : row.values) {
            quantized.values.push_back(static_cast<float>(value) * scale);
            quantized.quantized.push_back({value, scale});
        }
    }
    return quantized;
}

} // namespace

std::string list_rows(const std::vector<std::int64_t>& rows) {
    constexpr std::size_t kMaxRanges = 6;
    std::vector<std::string> ranges;
    std::size_t listed = 0;
    while (listed < rows.size() && ranges.size() < kMaxRanges) {
        std::size_t end = listed;
        while (end + 1 < rows.size() && rows[end + 1] == rows[end] + 1) ++end;
        ranges.push_back(end == listed ? fmt::format("{}", rows[listed])
                                       : fmt::format("{}-{}", rows[listed], rows[end]));
        listed = end + 1;
    }
    const std::size_t more = rows.size() - listed;
    return fmt::format("{}{}", fmt::join(ranges, ", "), more == 0 ? "" : fmt::format(" and {} more", more));
}

RecognizedWeights recognize_weights(const RawMatrix& raw, std::optional<int> bits, const std::string& option) {
    if (bits && (*bits < 1 || *bits > kMaxPlanes))
        throw InputError(fmt::format("{} {}: 1 to {} bits are allowed", option, *bits, kMaxPlanes));
    check_finite(raw);
    const std::vector<Row> rows = recognize_rows(raw);
    std::vector<std::int64_t> others;
    int planes = 1;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        planes = std::max(planes, rows[row].planes);
        if (rows[row].planes == 0) others.push_back(row);
    }
    if (others.empty() && (!bits || planes <= *bits)) return {to_matrix(raw, rows), {}};
    if (!bits)
        throw InputError(
            {"", 0, raw.place},
            fmt::format(
                "{} {} of {} {} neither of one magnitude nor integers of 2 to {} bits times one scale; "
                "binarize the model before the export (docs/models.md), or ask for quantization with {} N (1 to {})",
                others.size() == 1 ? "row" : "rows", list_rows(others), raw.rows, others.size() == 1 ? "is" : "are",
                kMaxPlanes, option, kMaxPlanes));
    const RawMatrix quantized = quantized_matrix(raw, *bits);
    WeightMatrix matrix = to_matrix(quantized, recognize_rows(quantized));
    matrix.original = raw.values;
    return {std::move(matrix), fmt::format("{}: quantized to {} bit{}", raw.place, *bits, *bits == 1 ? "" : "s")};
}

} // namespace bru::onnx_import
