#include "rtl_core/rtl_core.hpp"

#include <algorithm>
#include <iterator>

#include "base/error.hpp"
#include "base/member_of.hpp"
#include "rtl_core/pin_adapter.hpp"
#include "rtl_core/verilated_shapes.hpp"

namespace bru {

namespace {

/// What of a shape the RTL is built for.
struct BuiltField {
    const char* name;
    MemberOf<Shape, std::int64_t> value;
    bool at_least; ///< a larger one serves too
};

constexpr BuiltField kFields[] = {
    {"lanes", &Shape::lanes, false},
    {"lane_width", &Shape::lane_width, false},
    {"update_width", &Shape::update_width, false},
    {"activation_bits", &Shape::activation_bits, false},
    {"lut_address_bits", &Shape::lut_address_bits, false},
    {"scale_bits", &Shape::scale_bits, true}, // mantissas are unsigned: a narrower one is a smaller number
    {"cell_kinds", &Shape::cell_kinds, true},
    {"streams", &Shape::streams, false},
    {"output_fifo_beats", &Shape::output_fifo_beats, false},
    {"weight_words", &Shape::weight_words, true},
    {"scale_words", &Shape::scale_words, true},
    {"bias_words", &Shape::bias_words, true},
    {"state_words", &Shape::state_words, true},
    {"cell_words", &Shape::cell_words, true},
    {"input_words", &Shape::input_words, true}};

bool serves(const BuiltField& field, const Shape& built, const Shape& wanted) {
    return field.at_least ? built.*field.value >= wanted.*field.value : built.*field.value == wanted.*field.value;
}

void add_value(std::string& text, const BuiltField& field, const Shape& shape) {
    text += (text.empty() ? "" : ", ") + std::string(field.name) + " " + std::to_string(shape.*field.value);
}

std::string describe(const Shape& shape) {
    std::string text;
    for (const BuiltField& field : kFields) add_value(text, field, shape);
    return text;
}

/// "; the nearest that was built is ...", with what has to change as options; "" where no built shape is large enough.
std::string describe_nearest(const Shape& wanted) {
    std::string nearest;
    std::size_t fewest = std::size(kFields) + 1;
    for (const RtlShape& built : rtl_shapes()) {
        std::string options;
        std::size_t changes = 0;
        bool is_large_enough = true;
        for (const BuiltField& field : kFields) {
            if (serves(field, built.shape, wanted)) continue;
            is_large_enough = is_large_enough && !field.at_least;
            options += " --bru." + std::string(field.name) + "=" + std::to_string(built.shape.*field.value);
            ++changes;
        }
        if (!is_large_enough || changes == 0 || changes >= fewest) continue;
        fewest = changes;
        nearest = "; the nearest that was built is '" + built.name + "':" + options;
    }
    return nearest;
}

} // namespace

/// The areas of several streams are the hardware's: another depth is another layout.
bool rtl_serves(const Shape& built, const Shape& wanted) {
    const bool same_areas =
        built.state_area_words() == wanted.state_area_words() && built.cell_area_words() == wanted.cell_area_words();
    return same_areas && std::all_of(std::begin(kFields), std::end(kFields),
                                     [&](const BuiltField& field) { return serves(field, built, wanted); });
}

const std::vector<RtlShape>& rtl_shapes() {
    static const std::vector<RtlShape> shapes = [] {
        std::vector<RtlShape> result;
        for (const VerilatedShape& built : verilated_shapes()) result.push_back(built.rtl);
        return result;
    }();
    return shapes;
}

void check_rtl_core(const Shape& wanted) {
    if (rtl_shapes().empty())
        throw InputError("this program was built without the RTL core; use --core systemc, or install Verilator and "
                         "build again with -DBRU_RTL=ON");
    for (const RtlShape& built : rtl_shapes())
        if (rtl_serves(built.shape, wanted)) return;
    throw InputError("no RTL core was built for the shape " + describe(wanted) + describe_nearest(wanted) +
                     "; use --core systemc, change the shape, or add it to rtl/shapes.txt and build again");
}

std::unique_ptr<CorePins> make_core_pins(const RtlShape& built) {
    const auto found = std::find_if(verilated_shapes().begin(), verilated_shapes().end(),
                                    [&](const VerilatedShape& each) { return each.rtl.name == built.name; });
    if (found == verilated_shapes().end()) throw InputError("shape '" + built.name + "' is not built");
    return found->make_pins();
}

std::shared_ptr<Core> make_rtl_core(const char* name, const CoreShape& shape, const CycleClock& clock) {
    check_rtl_core(shape.shape);
    const auto built =
        std::find_if(verilated_shapes().begin(), verilated_shapes().end(),
                     [&](const VerilatedShape& each) { return rtl_serves(each.rtl.shape, shape.shape); });
    return std::make_shared<RtlCore>(name, built->make_pins(), shape.activation_bits, clock);
}

} // namespace bru
