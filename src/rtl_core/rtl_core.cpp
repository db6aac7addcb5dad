#include "rtl_core/rtl_core.hpp"

#include <fmt/format.h>

#include "model/error.hpp"
#include "rtl_core/pin_adapter.hpp"
#include "rtl_core/verilated_shapes.hpp"

namespace bru {

namespace {

/// Equal in what decides cycles and bits; memories may be deeper than wanted.
bool serves(const Shape& built, const Shape& wanted) {
    return built.lanes == wanted.lanes && built.lane_width == wanted.lane_width &&
           built.update_width == wanted.update_width && built.activation_bits == wanted.activation_bits &&
           built.lut_address_bits == wanted.lut_address_bits && built.output_fifo_beats == wanted.output_fifo_beats &&
           built.weight_words >= wanted.weight_words && built.scale_words >= wanted.scale_words &&
           built.bias_words >= wanted.bias_words && built.state_words >= wanted.state_words &&
           built.cell_words >= wanted.cell_words && built.input_words >= wanted.input_words;
}

std::string describe(const Shape& shape) {
    return fmt::format(
        "lanes {}, lane_width {}, update_width {}, activation_bits {}, lut_address_bits {}, output_fifo_beats {}, "
        "weight_words {}, scale_words {}, bias_words {}, state_words {}, cell_words {}, input_words {}",
        shape.lanes, shape.lane_width, shape.update_width, shape.activation_bits, shape.lut_address_bits,
        shape.output_fifo_beats, shape.weight_words, shape.scale_words, shape.bias_words, shape.state_words,
        shape.cell_words, shape.input_words);
}

} // namespace

const std::vector<Shape>& rtl_shapes() {
    static const std::vector<Shape> shapes = [] {
        std::vector<Shape> result;
        for (const VerilatedShape& built : verilated_shapes()) result.push_back(built.shape);
        return result;
    }();
    return shapes;
}

const Shape* find_rtl_shape(const Shape& wanted) {
    for (const Shape& built : rtl_shapes())
        if (serves(built, wanted)) return &built;
    return nullptr;
}

std::unique_ptr<Core> make_rtl_core(const char* name, const CoreShape& shape) {
    for (const VerilatedShape& built : verilated_shapes())
        if (serves(built.shape, shape.shape))
            return std::make_unique<RtlCore>(name, built.make_pins(), shape.activation_bits);
    if (verilated_shapes().empty())
        throw InputError(
            "--core rtl: this program was built without the RTL; install Verilator and build with -DBRU_RTL=ON");
    std::string list;
    for (const VerilatedShape& built : verilated_shapes()) list += "\n  " + describe(built.shape);
    throw InputError(fmt::format(
        "--core rtl: no RTL was built for this shape\n  {}\nbuilt are (memories may be deeper than needed):{}\n"
        "add the shape to rtl/shapes.txt and build again",
        describe(shape.shape), list));
}

} // namespace bru
