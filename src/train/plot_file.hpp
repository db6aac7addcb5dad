// `bru-train plot`: a plot of loss against weight bits from a CSV file with a line per network.
#pragma once

#include <string>

namespace bru::train {

/// `csv`: a first line of names, then series,weight_bits,nats in each line. Writes the SVG to `out`, or where that is
/// "" beside the CSV file. Returns the path written. Throws InputError with file and line.
std::string plot_weight_bits(const std::string& csv, const std::string& out);

} // namespace bru::train
