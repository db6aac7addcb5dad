// Is the work on a small file bounded, whatever it asks for, and does its integer arithmetic have no undefined result?
#include <chrono>
#include <limits>

#include "support/catch.hpp"
#include <sys/resource.h>

#include "base/error.hpp"
#include "model/model_builder.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();

/// "" where the model is accepted.
std::string refusal(const ModelBuilder& model) {
    try {
        model.load();
    } catch (const InputError& error) {
        return error.what();
    }
    return {};
}

double seconds_of(const ModelBuilder& model) {
    const auto begun = std::chrono::steady_clock::now();
    refusal(model);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

/// A graph whose output is what `nodes` make of constants: it is always refused, after the constants were folded.
template <class Nodes>
ModelBuilder folded(const Nodes& nodes) {
    ModelBuilder model;
    model.simple_lstm();
    nodes(model);
    model.output("z");
    return model;
}

/// 2^22 zeros of a few bytes.
void add_large(ModelBuilder& model) {
    model.int64s("large_shape", {2}, {2048, 2048});
    model.node("ConstantOfShape", {"large_shape"}, {"large"});
}

/// Work that is refused, and in a time that shows that it was not done.
void check_bounded(const ModelBuilder& model) {
    CHECK(seconds_of(model) < 20); // some seconds; without a bound, minutes to days
    CHECK(refusal(model) != "");
}

} // namespace

TEST_CASE("folding a small graph ends, whatever it repeats") {
    SECTION("a reduction of large constants, again and again") {
        check_bounded(folded([](ModelBuilder& model) {
            add_large(model);
            for (int k = 0; k < 2000; ++k) model.node("ReduceSum", {"large"}, {"z" + std::to_string(k)});
            model.node("Identity", {"z1999"}, {"z"});
        }));
    }
    SECTION("one node with many inputs") {
        check_bounded(folded([](ModelBuilder& model) {
            add_large(model);
            model.node("Max", std::vector<std::string>(20'000, "large"), {"z"});
        }));
    }
    SECTION("weights that many layers share are copied for each") {
        ModelBuilder model;
        model.input("x", {"steps", "1", "512"});
        model.int64s("shape", {3}, {1, 2048, 512});
        model.node("ConstantOfShape", {"shape"}, {"w"});
        std::string last = "x";
        for (int k = 0; k < 2000; ++k) {
            const std::string y = "y" + std::to_string(k);
            model.node("LSTM", {last, "w", "w"}, {y}).integer("hidden_size", 512);
            model.node("Squeeze", {y}, {"s" + y}).integers("axes", {1});
            last = "s" + y;
        }
        model.output(last);
        check_bounded(model);
    }
    SECTION("many inputs of open size are each tried as the sequence") {
        ModelBuilder model = folded([](ModelBuilder& made) {
            add_large(made);
            made.node("ReduceSum", {"large"}, {"z"});
        });
        for (int k = 0; k < 20'000; ++k) model.input("i" + std::to_string(k), {"d" + std::to_string(k)});
        check_bounded(model);
    }
}

TEST_CASE("a tensor that a small file computes takes bounded memory") {
    const ModelBuilder model = folded([](ModelBuilder& made) {
        made.int64s("a_shape", {2}, {1, 1 << 25});
        made.node("ConstantOfShape", {"a_shape"}, {"a"});
        made.node("Where", {"a", "a", "a"}, {"z"});
    });
    CHECK_THAT(refusal(model), ContainsSubstring("more than a file of this size may ask for"));
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
#ifndef __SANITIZE_ADDRESS__            // which takes memory of its own
    CHECK(usage.ru_maxrss < 1'000'000); // KiB
#endif
}

TEST_CASE("a tensor has at most 64 dimensions") {
    const std::vector<std::int64_t> ones(65, 1);
    const ModelBuilder model = folded([&](ModelBuilder& made) {
        made.int64s("shape", {65}, ones);
        made.node("ConstantOfShape", {"shape"}, {"z"});
    });
    CHECK_THAT(refusal(model), ContainsSubstring("65 dimensions, at most 64"));
}

TEST_CASE("messages show the beginning of a long list only") {
    const ModelBuilder model = folded([](ModelBuilder& made) {
        made.int64s("repeats", {100'000}, std::vector<std::int64_t>(100'000, 123'456'789));
        made.node("Tile", {"l_W", "repeats"}, {"z"});
    });
    CHECK_THAT(refusal(model), ContainsSubstring("(100000 in all)"));
    CHECK(refusal(model).size() < 1000);
}

TEST_CASE("the smallest integer has no magnitude, and is out of range") {
    for (const int place : {0, 1, 2}) {
        std::vector<std::int64_t> numbers = {0, 10, 1};
        numbers[place] = kSmallest;
        const ModelBuilder model = folded([&](ModelBuilder& made) {
            made.int64s("a", {}, {numbers[0]}).int64s("b", {}, {numbers[1]}).int64s("c", {}, {numbers[2]});
            made.node("Range", {"a", "b", "c"}, {"z"});
        });
        CHECK_THAT(refusal(model), ContainsSubstring("out of range"));
    }
}

TEST_CASE("a product of integers that is no number is refused") {
    // The product of the first ones is infinite, and times 0 it is no number.
    std::vector<std::int64_t> numbers(40, kSmallest);
    numbers.push_back(0);
    const ModelBuilder model = folded([&](ModelBuilder& made) {
        made.int64s("a", {41}, numbers);
        made.node("ReduceProd", {"a"}, {"z"});
    });
    CHECK_THAT(refusal(model), ContainsSubstring("leave the range"));
}

TEST_CASE("two values of one name are refused") {
    const auto refused = [](const auto& add) {
        ModelBuilder model;
        model.simple_lstm();
        add(model);
        model.output("y");
        CHECK_THAT(refusal(model), ContainsSubstring("names two values of the graph"));
    };
    refused([](ModelBuilder& model) { model.node("Identity", {"x"}, {"y"}); });
    refused([](ModelBuilder& model) { model.node("Identity", {"x"}, {"l_W"}); });
    refused([](ModelBuilder& model) { model.node("Identity", {"y"}, {"x"}); });
    refused([](ModelBuilder& model) { model.floats("l_W", {1}, {1}); });
    refused([](ModelBuilder& model) { model.input("x", {"1"}); });
    // An initializer may be an input, too: then it is the input's default.
    ModelBuilder model;
    model.simple_lstm();
    model.input("l_W", {"1", "8", "3"});
    model.output("y");
    CHECK(refusal(model) == "");
}
