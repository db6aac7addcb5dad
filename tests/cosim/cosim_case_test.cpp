// Are cases reproducible, varied, readable from their files - and do wrong files get a message?
#include "support/catch.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/integers.hpp"
#include "cosim/case_generator.hpp"
#include "cosim/prepared_case.hpp"
#include "cosim/shapes.hpp"
#include "machine/descriptor.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;
using Json = nlohmann::ordered_json;

namespace {

std::string message_of(const Json& json) {
    try {
        case_from_json(json);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("a case depends on seed and number alone") {
    const auto shapes = some_shapes();
    const Json thirteenth = to_json(draw_case(7, 13, shapes));
    draw_case(7, 2, shapes);
    CHECK(to_json(draw_case(7, 13, shapes)) == thirteenth);
    CHECK(to_json(draw_case(7, 14, shapes)) != thirteenth);
    CHECK(to_json(draw_case(8, 13, shapes)) != thirteenth);
    CHECK(to_json(draw_case(8, 12, shapes)) != thirteenth);
}

TEST_CASE("a case is what its JSON says, and can be run") {
    const auto shapes = some_shapes();
    for (std::uint64_t number = 0; number < 100; ++number) {
        const CosimCase drawn = draw_case(1, number, shapes);
        const CosimCase read = case_from_json(Json::parse(to_json(drawn).dump()));
        REQUIRE(to_json(read) == to_json(drawn));
        const PreparedCase from_drawn = prepare(drawn, shapes);
        const PreparedCase from_read = prepare(read, shapes);
        REQUIRE(from_drawn.steps.size() == static_cast<std::size_t>(drawn.step_count()));
        REQUIRE(from_drawn.run.quantized().layers[0].directions[0].rows.bias ==
                from_read.run.quantized().layers[0].directions[0].rows.bias);
    }
}

TEST_CASE("the cases of a seed meet every kind of network, number and stall") {
    std::set<int> layers, planes, sizes, kinds, steps, weights, shapes_seen;
    std::set<std::string> parameters, directions_seen;
    std::set<std::pair<bool, bool>> cells; // of a case: LSTM layers, GRU layers
    int one_hot = 0, dense = 0, timed = 0, early = 0, in_system = 0;
    for (std::uint64_t number = 0; number < 400; ++number) {
        const CosimCase c = draw_case(3, number, some_shapes());
        layers.insert(static_cast<int>(c.layers.size()));
        for (const CaseLayer& layer : c.layers) {
            planes.insert({layer.input_planes, layer.recurrent_planes});
            sizes.insert(layer.hidden);
            directions_seen.insert(std::to_string(static_cast<int>(layer.directions)));
        }
        const auto has = [&c](CellKind kind) {
            return std::any_of(c.layers.begin(), c.layers.end(),
                               [kind](const CaseLayer& each) { return each.cell == kind; });
        };
        if (c.shape == "wide") cells.insert({has(CellKind::lstm), has(CellKind::gru)});
        CHECK((c.shape == "wide" || !has(CellKind::gru)));
        kinds.insert(static_cast<int>(c.mode.kind));
        steps.insert(static_cast<int>(c.mode.steps));
        weights.insert(static_cast<int>(c.weights));
        for (const Override& parameter : c.parameters) parameters.insert(parameter.key);
        one_hot += c.one_hot;
        dense += c.dense_outputs > 0;
        if (c.port) continue; // has no arrival times and no host
        ++in_system;
        timed += c.arrival_gap_cycles > 0;
        early += c.start_delay_cycles.has_value();
    }
    CHECK(layers.count(1) + layers.count(2) + layers.count(3) == 3);
    CHECK(*layers.rbegin() > 8);
    CHECK(planes.size() == 8);
    CHECK(sizes.size() > 20);
    CHECK(directions_seen.size() == 3);
    CHECK(cells.size() == 3);
    CHECK(kinds.size() == 3);
    CHECK(steps.size() == 3);
    CHECK(weights.size() == 4);
    CHECK(parameters.size() == 18);
    for (const int count : {one_hot, dense}) CHECK((count > 40 && count < 360));
    for (const int count : {timed, early}) CHECK((count > in_system / 10 && count < in_system / 2));
}

TEST_CASE("where wide layers fit, some have more units than a byte counts, and another layer reads them") {
    const std::vector<RtlShape> shapes = {rtl_shape("large", 32, 16, 2, 8)};
    int states = 0, logits = 0;
    for (std::uint64_t number = 0; number < 400; ++number) {
        const CosimCase c = draw_case(3, number, shapes);
        if (c.layers[0].hidden < 257) continue;
        states += c.layers.size() > 1;
        logits += c.dense_outputs > 0;
    }
    CHECK(states > 3);
    CHECK(logits > 3);
}

TEST_CASE("where both directions of a layer have more than 127 chunks, a dense layer reads their last h") {
    const std::vector<RtlShape> shapes = {rtl_shape("many lanes", 80, 1, 1, 8)};
    int cases = 0;
    for (std::uint64_t number = 0; number < 200; ++number) {
        const CosimCase c = draw_case(3, number, shapes);
        cases += c.layers[0].hidden > 128 && c.layers[0].directions == Directions::bidirectional &&
                 c.dense_outputs > 0 && c.mode.steps == OutputSteps::final_state;
    }
    CHECK(cases > 10);
}

TEST_CASE("where memories hold them, some cases have more chunks, row groups and steps than a byte counts") {
    std::vector<RtlShape> shapes = {rtl_shape("narrow", 4, 1, 1, 8), rtl_shape("many lanes", 80, 1, 1, 8)};
    for (RtlShape& each : shapes) each.shape.input_words = 1024;
    int x_chunks = 0, h_chunks = 0, row_groups = 0, steps = 0;
    for (std::uint64_t number = 0; number < 1000; ++number) {
        const CosimCase c = draw_case(3, number, shapes);
        x_chunks += !c.one_hot && c.inputs > 256;
        h_chunks += c.layers[0].hidden > 256;
        row_groups += c.shape == "narrow" && c.dense_outputs > 256 * 4 && c.mode.kind != OutputKind::hidden;
        steps += c.longest_sequence() > 256;
    }
    CHECK(x_chunks > 3);
    CHECK(h_chunks > 3);
    CHECK(row_groups > 3);
    CHECK(steps > 3);
}

TEST_CASE("some cases are as large as memories and sums permit") {
    std::vector<RtlShape> shapes = {rtl_shape("narrow", 4, 1, 1, 8), rtl_shape("sums", 32, 12, 8, 8)};
    shapes[0].shape.weight_words = 16384;
    shapes[0].shape.input_words = 1024;
    int row_groups = 0, indices = 0, offsets = 0, sums = 0;
    for (std::uint64_t number = 0; number < 2000; ++number) {
        const CosimCase c = draw_case(3, number, shapes);
        row_groups += c.shape == "narrow" && c.dense_outputs > 512 * 4 && c.mode.kind != OutputKind::hidden;
        indices += c.one_hot && c.inputs > 1024;
        offsets += c.shape == "narrow" && c.one_hot && c.inputs > 4096;
        // Of 24 bits, seven are the activation's and seven the weight's; most products have the sum's sign.
        sums += c.shape == "sums" && !c.one_hot && c.weights == Magnitude::extreme && c.steps == Magnitude::extreme &&
                c.layers[0].input_planes == 8 && c.inputs > 850;
    }
    CHECK(row_groups > 3);
    CHECK(indices > 3);
    CHECK(offsets > 3);
    CHECK(sums > 3);
}

TEST_CASE("where the input memory holds the inputs, sums of some cases need the uppermost bit of a part") {
    const std::vector<RtlShape> shapes = {rtl_shape("sums", 32, 12, 8, 8)};
    int cases = 0;
    for (std::uint64_t number = 0; number < 200; ++number) {
        const CosimCase c = draw_case(3, number, shapes);
        // Of 24 bits, seven are the activation's and seven the weight's, and a sum has two thirds of what it can have.
        cases += c.weights == Magnitude::extreme && c.steps == Magnitude::extreme && !c.one_hot &&
                 c.layers[0].input_planes == 8 && c.inputs > 800;
    }
    CHECK(cases > 7);
}

TEST_CASE("where sequences wait at a reset, the input memory holds them") {
    const std::vector<RtlShape> shapes = some_shapes();
    int cases = 0;
    for (std::uint64_t number = 0; number < 1000; ++number) {
        const CosimCase c = draw_case(3, number, shapes);
        if (!c.port || c.port->resets < 2 || c.sequences != std::vector<int>(60, 1)) continue;
        ++cases;
        const auto words = std::find_if(c.parameters.begin(), c.parameters.end(),
                                        [](const Override& each) { return each.key == "bru.input_words"; });
        REQUIRE(words != c.parameters.end());
        CHECK(words->value == std::to_string(shapes[0].shape.input_words));
    }
    CHECK(cases > 3);
}

TEST_CASE("some one-hot sequences of a step or two follow each other fast, and are computed as a whole") {
    const std::vector<RtlShape> shapes = some_shapes();
    int cases = 0;
    for (std::uint64_t number = 0; number < 500; ++number) {
        const CosimCase c = draw_case(3, number, shapes);
        const auto single = std::count(c.sequences.begin(), c.sequences.end(), 1);
        cases += c.one_hot && c.needs_whole_sequence() && single >= 100 && c.layers[0].hidden < 5;
    }
    CHECK(cases > 10);
}

TEST_CASE("some cases need most descriptors or all, with any directions, and a dense layer behind a reverse one") {
    const std::vector<RtlShape> shapes = {rtl_shape("deep", 16, 4, 2, 8)};
    int all = 0, all_with_dense = 0, behind_reverse = 0, mixed = 0;
    for (std::uint64_t number = 0; number < 1000; ++number) {
        const CosimCase c = draw_case(3, number, shapes);
        int descriptors = c.dense_outputs > 0 ? 1 : 0;
        std::set<Directions> directions;
        for (const CaseLayer& layer : c.layers) {
            descriptors += layer.directions == Directions::bidirectional ? 2 : 1;
            directions.insert(layer.directions);
        }
        REQUIRE(descriptors <= kMaxDescriptors);
        all += descriptors == kMaxDescriptors;
        all_with_dense += descriptors == kMaxDescriptors && c.dense_outputs > 0;
        behind_reverse += descriptors > 17 && c.dense_outputs > 0 && c.mode.steps == OutputSteps::final_state &&
                          c.layers.back().directions == Directions::reverse;
        mixed += descriptors > 17 && directions.size() == 3;
    }
    CHECK(all > 10);
    CHECK(all_with_dense > 5);
    CHECK(behind_reverse > 5);
    CHECK(mixed > 5);
}

TEST_CASE("of as many streams as there are, each may have a second step") {
    std::vector<RtlShape> shapes = {rtl_shape("many streams", 4, 4, 1, 8)};
    shapes[0].shape.streams = 64;
    shapes[0].shape.state_words = shapes[0].shape.cell_words = 4160;
    int cases = 0;
    for (std::uint64_t number = 0; number < 200; ++number) {
        const CosimCase c = draw_case(3, number, shapes);
        if (c.streams < 64) continue;
        ++cases;
        CHECK(c.longest_sequence() <= 3);
    }
    CHECK(cases > 10);
}

TEST_CASE("of several streams, many vectors of one small layer are often under way") {
    std::vector<RtlShape> shapes = {rtl_shape("streams", 4, 4, 1, 8)};
    shapes[0].shape.streams = 5;
    int cases = 0;
    for (std::uint64_t number = 0; number < 200; ++number) {
        const CosimCase c = draw_case(3, number, shapes);
        cases += c.streams > 3 && c.layers.size() == 1 && c.layers[0].hidden <= 4;
    }
    CHECK(cases > 10);
}

TEST_CASE("of several streams, four or five often take turns with the shortest vectors there are") {
    std::vector<RtlShape> shapes = {rtl_shape("streams", 4, 4, 1, 8)};
    shapes[0].shape.streams = 8;
    int cases = 0, in_turns = 0;
    for (std::uint64_t number = 0; number < 200; ++number) {
        const CosimCase c = draw_case(3, number, shapes);
        if ((c.streams != 4 && c.streams != 5) || c.layers.size() != 1 || c.layers[0].hidden != 1 ||
            c.dense_outputs > 0 || c.sequences != std::vector<int>(c.sequences.size(), c.sequences[0]))
            continue;
        ++cases;
        const std::vector<Step> steps = prepare(c, shapes).steps;
        bool turns = true;
        for (std::size_t k = narrow<std::size_t>(c.streams); k < steps.size() / 2; ++k) // none has ended yet
            turns = turns && steps[k].stream == steps[k - narrow<std::size_t>(c.streams)].stream;
        in_turns += turns;
    }
    CHECK(cases > 20);
    CHECK(2 * in_turns > cases / 2);
}

TEST_CASE("a case file with a mistake is refused, with place and remedy") {
    const Json good = to_json(draw_case(1, 1, some_shapes()));
    const auto with = [&](const std::string& key, const Json& value) {
        Json json = good;
        json[key] = value;
        return message_of(json);
    };
    CHECK(message_of(good).empty());
    CHECK_THAT(with("inputs", 0), ContainsSubstring("inputs = 0") && ContainsSubstring("1 to "));
    CHECK_THAT(with("inputs", "ten"), ContainsSubstring("inputs = \"ten\""));
    CHECK_THAT(with("seed", ~std::uint64_t{0}), ContainsSubstring("seed = 18446744073709551615"));
    CHECK_THAT(with("weights", "big"), ContainsSubstring("weights = big") && ContainsSubstring("plain, large"));
    CHECK_THAT(with("layers", Json::array()), ContainsSubstring("layers"));
    CHECK_THAT(with("sequences", {3, 0}), ContainsSubstring("sequences = 0"));
    CHECK_THAT(with("sequence", {3}), ContainsSubstring("unknown field 'sequence'. Did you mean 'sequences'?"));
    CHECK_THAT(with("port", {{"runs", 0}}), ContainsSubstring("runs = 0"));
    CHECK_THAT(with("port", {{"run", 1}}), ContainsSubstring("unknown field 'run'. Did you mean 'runs'?"));
    CHECK_THAT(with("port", {{"runs", 1}, {"networks", 9}}), ContainsSubstring("networks = 9"));
    CHECK_THAT(with("parameters", {{"bru.lanes", "4"}}), ContainsSubstring("'bru.lanes'"));
    CHECK_THAT(with("parameters", {{"ddr.latency_ns", 4}}), ContainsSubstring("allowed is a string"));
    Json shorter = good;
    shorter.erase("output");
    CHECK_THAT(message_of(shorter), ContainsSubstring("'output' is missing"));
    CHECK_THAT(message_of(Json::array()), ContainsSubstring("JSON object"));

    const std::string path = (std::filesystem::temp_directory_path() / "bru_cosim_case_test.json").string();
    std::ofstream(path) << "{ \"shape\": ";
    CHECK_THROWS_WITH(read_case(path), ContainsSubstring(path) && ContainsSubstring("is no JSON"));
    write_case(path, case_from_json(good));
    CHECK(to_json(read_case(path)) == good);
    std::filesystem::remove(path);
    CHECK_THROWS_WITH(read_case(path), ContainsSubstring(path) && ContainsSubstring("cannot be read"));
}

TEST_CASE("what a shape cannot run is refused") {
    const auto shapes = some_shapes();
    CosimCase c = draw_case(1, 1, shapes);
    c.shape = "unknown";
    CHECK_THROWS_WITH(prepare(c, shapes),
                      ContainsSubstring("'unknown' is not built") && ContainsSubstring("small, wide, bits"));
    c = draw_case(1, 1, shapes);
    c.shape = "small";
    c.layers[0].cell = CellKind::gru;
    CHECK_THROWS_WITH(prepare(c, shapes), ContainsSubstring("bru.cell_kinds = 1") && ContainsSubstring("GRU layer"));
    c = draw_case(1, 1, shapes);
    c.layers[0].hidden = 1000;
    CHECK_THROWS_WITH(prepare(c, shapes), ContainsSubstring("too small for this network"));
    c = draw_case(1, 1, shapes);
    c.parameters = {{"dma.burst_beats", "16"}, {"dma.fifo_beats", "2"}};
    CHECK_THROWS_WITH(prepare(c, shapes), ContainsSubstring("dma.fifo_beats"));
    c.parameters = {{"ddr.latency_ns", "-4"}};
    CHECK_THROWS_WITH(prepare(c, shapes), ContainsSubstring("ddr.latency_ns"));
}
