#include "train/plot_file.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/numbers.hpp"
#include "base/output_file.hpp"
#include "train/plot.hpp"

namespace bru::train {
namespace {

double number(const std::string& text, const std::string& place) {
    const auto value = parse_real(text);
    if (!value)
        throw InputError(
            fmt::format("{}: '{}' is no number; a line is series,weight_bits,nats", place, text.substr(0, 60)));
    return *value;
}

Series& series_named(Plot& plot, const std::string& name) {
    for (Series& series : plot.series)
        if (series.name == name) return series;
    Series fresh;
    fresh.name = name;
    fresh.marks = true;
    plot.series.push_back(fresh);
    return plot.series.back();
}

} // namespace

std::string plot_weight_bits(const std::string& csv, const std::string& out) {
    std::ifstream file(csv);
    if (!file) throw unreadable(csv, errno);
    if (std::filesystem::is_directory(csv)) throw InputError({csv}, "is a folder; give a CSV file");
    Plot plot;
    plot.title = "Loss against weight bits";
    plot.x_label = "bits of all weights";
    plot.y_label = "test loss, nats per character";
    plot.log_x = true;
    std::string line;
    for (int row = 1; std::getline(file, line); ++row) {
        if (row == 1 || line.empty()) continue;
        const std::string place = fmt::format("{}: line {}", csv, row);
        const std::size_t second = line.rfind(',');
        const std::size_t first =
            second == std::string::npos || second == 0 ? std::string::npos : line.rfind(',', second - 1);
        if (first == std::string::npos)
            throw InputError(fmt::format("{}: has fewer than three fields; a line is series,weight_bits,nats", place));
        const double bits = number(line.substr(first + 1, second - first - 1), place);
        if (bits <= 0)
            throw InputError(fmt::format("{}: {} weight bits; allowed are numbers above 0, as the axis is logarithmic",
                                         place, bits));
        series_named(plot, line.substr(0, first)).points.emplace_back(bits, number(line.substr(second + 1), place));
    }
    if (plot.series.empty())
        throw InputError({csv},
                         "has no networks; give a first line of names, then series,weight_bits,nats on each line");
    for (Series& series : plot.series) std::sort(series.points.begin(), series.points.end());
    const std::string path = out.empty() ? std::filesystem::path(csv).replace_extension(".svg").string() : out;
    OutputFile written(path);
    written.write(svg(plot));
    written.commit();
    return path;
}

} // namespace bru::train
