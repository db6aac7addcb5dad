#include "report/saturation_report.hpp"

#include <nlohmann/json.hpp>

#include "report/text.hpp"

namespace bru {

std::string saturation_lines(const Saturations& saturations) {
    const auto line = [](const Saturation& of, const char* what) {
        return of.saturated == 0 ? "" : report_line("saturated", share_text(of.saturated, of.values, what));
    };
    return line(saturations.inputs, "input values lay outside the activation format") +
           line(saturations.sums, "sums z lay outside -8 to 8, where sigmoid and tanh are flat") +
           line(saturations.cells, "values of c reached the limit of their format, 16") +
           line(saturations.logits, "logits lay outside -32,768 to 32,768, the limits of their format");
}

nlohmann::ordered_json saturations_json(const Saturations& saturations) {
    const auto json = [](const Saturation& of) {
        return nlohmann::ordered_json{{"values", of.values}, {"saturated", of.saturated}};
    };
    return {{"inputs", json(saturations.inputs)},
            {"sums", json(saturations.sums)},
            {"cells", json(saturations.cells)},
            {"logits", json(saturations.logits)}};
}

} // namespace bru
