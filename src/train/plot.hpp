// Line plots as SVG, enough for loss curves and for loss against weight bits.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace bru::train {

struct Series {
    std::string name;
    std::vector<std::pair<double, double>> points; ///< x, y
    bool marks = false;                            ///< a dot at every point
    bool dashed = false;
};

struct Plot {
    std::string title;
    std::string x_label;
    std::string y_label;
    bool log_x = false; ///< points with x <= 0 are left out
    std::vector<Series> series;
};

/// The plot as an SVG document. Points that are not finite are left out; without any point the axes stand alone.
std::string svg(const Plot& plot);

} // namespace bru::train
