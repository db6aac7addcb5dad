// What `bru quantize` found: the input exponent with its neighbours, and what the quantization costs.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "model/network.hpp"
#include "model/number_formats.hpp"
#include "run/quantization.hpp"

namespace bru {

struct QuantizeReport {
    std::string model_path;
    std::string data_path;
    std::string out_path;             ///< "": no file was written
    const Network* network = nullptr; ///< with the input exponent that was chosen
    NumberFormats formats;
    std::optional<int> asked_exponent;
    int exponent_of_file = 0;
    QuantizationFigures figures;
};

/// `schema` of the JSON below.
inline constexpr const char* kQuantizeSchema = "bru-quantize-1";

std::string quantize_table(const QuantizeReport& report);
nlohmann::ordered_json quantize_json(const QuantizeReport& report);

} // namespace bru
