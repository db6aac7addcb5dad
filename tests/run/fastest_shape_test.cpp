// Is the bound of cycles per step never above what a machine needs, and does the search find what simulating every
// shape would find?
#include "support/catch.hpp"

#include <algorithm>
#include <limits>
#include <random>

#include "config/load_configuration.hpp"
#include "run/cycle_bound.hpp"
#include "run/fastest_shape.hpp"
#include "support/random_network.hpp"
#include "support/shipped.hpp"

using namespace bru;
using namespace bru::test;

namespace {

RunSpecification with_network(const NetworkRecipe& recipe, std::uint64_t seed) {
    RunSpecification specification;
    specification.model.network = std::make_shared<const Network>(random_network(recipe, seed));
    return specification;
}

RunSpecification with_shape(RunSpecification specification, const Shape& shape) {
    specification.configuration.shape = shape;
    return specification;
}

RunSpecification character_model(OutputKind kind) {
    RunSpecification specification;
    specification.model.path = source("models/warpeace_h256.onnx");
    specification.output = OutputSpecification::of({kind, OutputSteps::every});
    return specification;
}

Shape shape_of(std::int64_t lanes, std::int64_t lane_width, std::int64_t update_width) {
    Shape shape;
    shape.lanes = lanes;
    shape.lane_width = lane_width;
    shape.update_width = update_width;
    return shape;
}

/// A network of any kind that the machine runs: layers, directions, planes, one-hot or not.
NetworkRecipe random_recipe(std::mt19937_64& random) {
    const auto between = [&random](int low, int high) {
        return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
    };
    NetworkRecipe recipe;
    recipe.inputs = between(1, 60);
    recipe.hidden_sizes.assign(static_cast<std::size_t>(between(1, 3)), 0);
    for (int& size : recipe.hidden_sizes) size = between(1, 120);
    recipe.directions = between(0, 3) == 0 ? 2 : 1;
    recipe.lstm_planes = between(1, 2);
    recipe.dense_outputs = between(0, 1) * between(1, 90);
    recipe.dense_planes = between(1, 4);
    recipe.one_hot = between(0, 1) == 1;
    return recipe;
}

OutputSpecification random_output(std::mt19937_64& random, const NetworkRecipe& recipe) {
    const bool dense = recipe.dense_outputs > 0 && random() % 3 != 0;
    return OutputSpecification::of(
        {dense ? OutputKind::logits : OutputKind::hidden, random() % 2 == 0 ? OutputSteps::every : OutputSteps::last});
}

/// The best of all shapes, each of them simulated.
struct BruteForce {
    double cycles = std::numeric_limits<double>::infinity();
    std::int64_t luts = 0;
    Shape shape;
};

BruteForce brute_force(const Run& run, const std::vector<Shape>& shapes) {
    BruteForce best;
    for (const Shape& shape : shapes) {
        const RunSpecification specification = with_shape(run.specification(), shape);
        const Run tried(run.library(), specification);
        const ResourceEstimate estimate = estimate_resources(tried.configuration(), run.device(), run.calibration());
        if (!estimate.fits || !estimate.meets_clock()) continue;
        const double cycles = measure_steady_state(run.library(), specification, run.pattern()).cycles_per_step();
        if (cycles > best.cycles || (cycles == best.cycles && estimate.total.lut >= best.luts)) continue;
        best = {cycles, estimate.total.lut, shape};
    }
    return best;
}

} // namespace

namespace {

/// Of all shapes those that are quick to simulate.
std::vector<Shape> shapes_of_middling_size() {
    std::vector<Shape> shapes = searched_shapes({});
    const auto is_other = [](const Shape& shape) {
        return shape.lanes < 16 || shape.lanes > 256 || shape.lane_width < 4 || shape.lane_width > 31 ||
               shape.lanes * shape.lane_width > 4096;
    };
    shapes.erase(std::remove_if(shapes.begin(), shapes.end(), is_other), shapes.end());
    return shapes;
}

} // namespace

TEST_CASE("no machine has fewer cycles per step than the bound says") {
    std::mt19937_64 random(14);
    for (int i = 0; i < 150; ++i) {
        const NetworkRecipe recipe = random_recipe(random);
        RunSpecification specification = with_network(recipe, 5);
        specification.output = random_output(random, recipe);
        const std::vector<Shape> shapes = shapes_of_middling_size();
        specification.configuration.shape = shapes[random() % shapes.size()];
        Library library;
        const Run run(library, specification);
        SequencePattern pattern{{1 + random() % 40, 1 + random() % 40}};
        if (random() % 2 == 0 && !run.network().needs_whole_sequence()) pattern = {};
        const double bound = least_cycles_per_step(run, pattern);
        const double cycles = measure_steady_state(library, specification, pattern).cycles_per_step();
        CAPTURE(i, specification.configuration.shape.lanes, specification.configuration.shape.lane_width,
                specification.configuration.shape.update_width, recipe.hidden_sizes, pattern.lengths);
        CHECK(bound <= cycles * (1 + 1e-12));
        CHECK(bound > 0);
    }
}

TEST_CASE("the bound is exact where only the pipeline makes a step wait: 287 cycles, and 480 with the output layer") {
    Library library;
    CHECK(least_cycles_per_step(Run(library, character_model(OutputKind::hidden)), {}) == 287);
    CHECK(least_cycles_per_step(Run(library, character_model(OutputKind::logits)), {}) == 480);
    // The second stage of this machine cannot follow: 8 groups of two parts, 32 slices each.
    const RunSpecification slow = with_shape(character_model(OutputKind::hidden), shape_of(128, 32, 1));
    CHECK(least_cycles_per_step(Run(library, slow), {}) > 511);
    CHECK(measure_steady_state(library, slow, {}).cycles_per_step() == 512);
}

TEST_CASE("the search finds what simulating every shape finds") {
    std::vector<Shape> shapes;
    for (const std::int64_t lanes : {16, 48, 64, 96, 128, 192})
        for (const std::int64_t width : {4, 8, 13, 16, 24})
            for (const std::int64_t update : {1, 2, 4, 8})
                if (lanes / 4 % update == 0) shapes.push_back(shape_of(lanes, width, update));
    std::mt19937_64 random(15);
    for (int i = 0; i < 8; ++i) {
        const NetworkRecipe recipe = random_recipe(random);
        RunSpecification specification = with_network(recipe, 6);
        specification.output = random_output(random, recipe);
        if (i % 4 == 1) specification.configuration.ddr.bandwidth_mb_per_s = 100; // the bound knows of no memory
        if (i % 4 == 2) specification.configuration.device = "xc7z010";
        if (i % 4 == 3) specification.configuration.host.input_transfer_steps = 4;
        Library library;
        const Run run(library, specification);
        const FastestShapeSearch search = find_fastest_shape(run, shapes);
        const BruteForce best = brute_force(run, shapes);
        CAPTURE(i, recipe.hidden_sizes, search.simulated, search.fitting);
        REQUIRE(search.best);
        CHECK(search.best->steady.cycles_per_step() == best.cycles);
        CHECK(search.best->estimate.total.lut == best.luts);
        CHECK(search.shapes == shapes.size());
        CHECK(search.simulated <= search.fitting);
    }
}

TEST_CASE("a run on the machine that was found has the promised cycles, and the machine fits and meets the clock") {
    for (const char* device : {"xc7z010", "xc7z020", "xc7z045", "xczu7ev"}) {
        for (const char* model : {"models/warpeace_h256.onnx", "models/digits_h128.onnx"}) {
            RunSpecification specification;
            specification.model.path = source(model);
            specification.configuration.device = device;
            specification.figures = true;
            Library library;
            const Run run(library, specification);
            const FastestShapeSearch search = find_fastest_shape(run, searched_shapes({}));
            CAPTURE(device, model);
            REQUIRE(search.best);
            CHECK(search.simulated < 500); // of many thousands: the bound is close
            const Shape& found = search.best->configuration.shape;
            const RunOutcome outcome =
                Run(library, with_shape(specification, shape_of(found.lanes, found.lane_width, found.update_width)))
                    .execute();
            CHECK(outcome.figures->steady.cycles_per_step() == search.best->steady.cycles_per_step());
            CHECK(outcome.estimate->resources.fits);
            CHECK(outcome.estimate->resources.meets_clock());
            CHECK(outcome.estimate->resources.total.lut == search.best->estimate.total.lut);
        }
    }
}

TEST_CASE("the largest balanced machine is faster than the default one on a layer of 256 units") {
    Library library;
    const RunSpecification usual = character_model(OutputKind::hidden);
    const Run run(library, usual);
    const LargestShapeSearch search =
        find_largest_shape(usual.configuration, searched_shapes({}), run.device(), run.calibration());
    REQUIRE(search.best);
    const Shape& found = search.best->configuration.shape;
    const RunSpecification largest = with_shape(usual, shape_of(found.lanes, found.lane_width, found.update_width));
    const SteadyState steady = measure_steady_state(library, largest, {});
    CHECK(measure_steady_state(library, usual, {}).cycles_per_step() == 287);
    CHECK(steady.cycles_per_step() < 287);
    CHECK(steady.classes()[static_cast<std::size_t>(CycleClass::update_wait)] == 0);
}

TEST_CASE("the search says what limits a machine") {
    Library library;
    RunSpecification specification = character_model(OutputKind::logits);
    const auto names = [](const FastestShapeSearch& search) {
        std::vector<std::string> result;
        for (const ShapeLimit& limit : search.limits) result.push_back(limit.name);
        return result;
    };
    const auto contains = [](const std::vector<std::string>& list, const char* name) {
        return std::find(list.begin(), list.end(), name) != list.end();
    };
    const std::vector<Shape> shapes = shapes_of_middling_size();
    CHECK(contains(names(find_fastest_shape(Run(library, specification), shapes)), "lut"));
    specification.configuration.clock_mhz = 1000; // no shape is that fast
    const FastestShapeSearch too_fast = find_fastest_shape(Run(library, specification), shapes);
    CHECK_FALSE(too_fast.best);
    REQUIRE_FALSE(too_fast.limits.empty());
    CHECK(too_fast.limits.front().name == "clock");
    CHECK(too_fast.limits.front().shapes == shapes.size());
    specification.configuration.clock_mhz = 200;
    specification.configuration.device = "xczu7ev"; // holds the whole search
    const FastestShapeSearch roomy = find_fastest_shape(Run(library, specification), shapes);
    CHECK(roomy.fitting == shapes.size());
    CHECK(roomy.limits.empty());
    std::vector<Shape> shallow = shapes;
    for (Shape& shape : shallow) shape.weight_words = 600; // enough for 64 x 16 and what is larger
    const FastestShapeSearch given_depth = find_fastest_shape(Run(library, specification), shallow);
    REQUIRE(given_depth.best);
    CHECK(given_depth.fitting < shapes.size());
    CHECK(given_depth.best->steady.cycles_per_step() == roomy.best->steady.cycles_per_step());
}
