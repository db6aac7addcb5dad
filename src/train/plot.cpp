#include "train/plot.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/integers.hpp"

namespace bru::train {
namespace {

constexpr double kWidth = 720;
constexpr double kHeight = 420;
constexpr double kLeft = 64;
constexpr double kRight = 16;
constexpr double kTop = 40;
constexpr double kBottom = 52;
constexpr const char* kColours[] = {"#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf"};

struct Axis {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();
    double from = 0; ///< of the picture
    double to = 0;
    bool logarithmic = false;

    double value(double x) const { return logarithmic ? std::log10(x) : x; }
    void cover(double x) {
        low = std::min(low, value(x));
        high = std::max(high, value(x));
    }
    void widen() {
        if (!(low <= high)) low = 0, high = 1;
        const double margin = high > low ? 0.04 * (high - low) : 0.5;
        low -= margin;
        high += margin;
    }
    double place(double x) const { return from + (value(x) - low) / (high - low) * (to - from); }

    /// Round numbers, in the axis' own values.
    std::vector<double> ticks() const {
        const double rough = (high - low) / 6;
        const double power = std::pow(10, std::floor(std::log10(rough)));
        double unit = power;
        for (const double factor : {1.0, 2.0, 5.0, 10.0})
            if (factor * power >= rough) {
                unit = factor * power;
                break;
            }
        std::vector<double> result;
        for (double x = std::ceil(low / unit) * unit; x <= high; x += unit) result.push_back(x);
        return result;
    }
};

bool usable(const Plot& plot, const std::pair<double, double>& point) {
    return std::isfinite(point.first) && std::isfinite(point.second) && (!plot.log_x || point.first > 0);
}

std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) result += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
    return result;
}

std::string short_number(double value) {
    if (std::abs(value) >= 1e6) return fmt::format("{:.3g}M", value / 1e6);
    if (std::abs(value) >= 1e4) return fmt::format("{:.3g}k", value / 1e3);
    return fmt::format("{:.4g}", std::abs(value) < 1e-12 ? 0 : value);
}

std::string axes(const Plot& plot, const Axis& x, const Axis& y) {
    std::string result;
    for (const double tick : x.ticks()) {
        const double at = x.from + (tick - x.low) / (x.high - x.low) * (x.to - x.from);
        result += fmt::format("<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" stroke=\"#ddd\"/>"
                              "<text x=\"{0:.1f}\" y=\"{3}\" text-anchor=\"middle\">{4}</text>\n",
                              at, kTop, kHeight - kBottom, kHeight - kBottom + 18,
                              short_number(x.logarithmic ? std::pow(10, tick) : tick));
    }
    for (const double tick : y.ticks()) {
        const double at = y.place(tick);
        result += fmt::format("<line x1=\"{1}\" y1=\"{0:.1f}\" x2=\"{2}\" y2=\"{0:.1f}\" stroke=\"#ddd\"/>"
                              "<text x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5}</text>\n",
                              at, kLeft, kWidth - kRight, kLeft - 6, at + 4, short_number(tick));
    }
    result += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", (x.from + x.to) / 2,
                          kHeight - 12, escaped(plot.x_label));
    result += fmt::format("<text transform=\"translate(16 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
                          (y.from + y.to) / 2, escaped(plot.y_label));
    result += fmt::format("<text x=\"{:.1f}\" y=\"24\" text-anchor=\"middle\" font-size=\"15\">{}</text>\n", kWidth / 2,
                          escaped(plot.title));
    return result;
}

std::string drawn_series(const Plot& plot, const Series& series, const char* colour, const Axis& x, const Axis& y) {
    std::string line;
    std::string dots;
    for (const auto& point : series.points) {
        if (!usable(plot, point)) continue;
        line += fmt::format("{:.1f},{:.1f} ", x.place(point.first), y.place(point.second));
        if (series.marks)
            dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"{}\"/>", x.place(point.first),
                                y.place(point.second), colour);
    }
    return fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.8\"{}/>{}\n", line, colour,
                       series.dashed ? " stroke-dasharray=\"5 4\"" : "", dots);
}

} // namespace

std::string svg(const Plot& plot) {
    Axis x;
    Axis y;
    x.logarithmic = plot.log_x;
    for (const Series& series : plot.series) {
        for (const auto& point : series.points) {
            if (!usable(plot, point)) continue;
            x.cover(point.first);
            y.cover(point.second);
        }
    }
    x.widen();
    y.widen();
    x.from = kLeft;
    x.to = kWidth - kRight;
    y.from = kHeight - kBottom;
    y.to = kTop;
    std::string result = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
                                     "height=\"{1}\" font-family=\"sans-serif\" "
                                     "font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
                                     kWidth, kHeight);
    result += axes(plot, x, y);
    for (std::size_t k = 0; k < plot.series.size(); ++k) {
        const char* colour = kColours[k % std::size(kColours)];
        result += drawn_series(plot, plot.series[k], colour, x, y);
        const double row = kTop + 14 + 18 * real(k);
        result += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{}\" stroke-width=\"2\"{}/><text "
                              "x=\"{}\" y=\"{}\">{}</text>\n",
                              kWidth - 230, row - 4, kWidth - 204, row - 4, colour,
                              plot.series[k].dashed ? " stroke-dasharray=\"5 4\"" : "", kWidth - 198, row,
                              escaped(plot.series[k].name));
    }
    return result + "</svg>\n";
}

} // namespace bru::train
