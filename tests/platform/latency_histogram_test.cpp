// Are percentiles exact where they must be, and close above?
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "platform/latency_histogram.hpp"

using namespace bru;

TEST_CASE("an empty histogram answers zero") {
    const LatencyHistogram histogram;
    CHECK(histogram.percentile(0.5) == 0);
    CHECK(histogram.max() == 0);
    CHECK(histogram.count() == 0);
}

TEST_CASE("a percentile is the smallest value that is not below that share of all") {
    LatencyHistogram histogram;
    for (const std::uint64_t value : {10, 20, 30, 40}) histogram.add(value);
    CHECK(histogram.count() == 4);
    CHECK(histogram.percentile(0) == 10);
    CHECK(histogram.percentile(0.25) == 10);
    CHECK(histogram.percentile(0.26) == 20);
    CHECK(histogram.percentile(0.5) == 20);
    CHECK(histogram.percentile(0.51) == 30);
    CHECK(histogram.percentile(0.99) == 40);
    CHECK(histogram.percentile(1) == 40);
    CHECK(histogram.max() == 40);
}

TEST_CASE("one late value in a hundred shows in the maximum, two in the 99th percentile") {
    LatencyHistogram histogram;
    for (int k = 0; k < 99; ++k) histogram.add(100);
    histogram.add(3000);
    CHECK(histogram.percentile(0.99) == 100);
    CHECK(histogram.max() == 3000);
    histogram.add(3000);
    CHECK(histogram.percentile(0.99) == 3000);
}

TEST_CASE("values up to 4095 are exact, larger ones at most one part in 2048 too large") {
    for (std::uint64_t value :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2047}, std::uint64_t{2048}, std::uint64_t{4095}}) {
        LatencyHistogram histogram;
        histogram.add(value);
        histogram.add(100'000);
        CHECK(histogram.percentile(0.5) == value);
    }
    for (std::uint64_t value = 4096; value < (std::uint64_t{1} << 60); value = value * 3 / 2 + 1) {
        LatencyHistogram histogram;
        histogram.add(value);
        histogram.add(value * 4);
        const std::uint64_t got = histogram.percentile(0.5);
        CHECK(got >= value);
        CHECK(got - value <= value / 2048);
    }
}

TEST_CASE("a single value is its own maximum and every percentile") {
    for (const std::uint64_t value :
         {std::uint64_t{0}, std::uint64_t{4096}, std::uint64_t{5000}, std::uint64_t{123'456'789'012}}) {
        LatencyHistogram histogram;
        histogram.add(value);
        CHECK(histogram.percentile(0.5) == value);
        CHECK(histogram.percentile(1) == value);
        CHECK(histogram.max() == value);
    }
}

TEST_CASE("percentiles of random values equal those of the sorted list within the histogram's resolution") {
    std::mt19937_64 random(1);
    LatencyHistogram histogram;
    std::vector<std::uint64_t> values;
    for (int k = 0; k < 5000; ++k) {
        values.push_back(random() >> (40 + random() % 20));
        histogram.add(values.back());
    }
    std::sort(values.begin(), values.end());
    for (const double fraction : {0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
        const std::uint64_t exact = values[static_cast<std::size_t>(std::ceil(fraction * 5000)) - 1];
        const std::uint64_t got = histogram.percentile(fraction);
        CHECK(got >= exact);
        CHECK(got - exact <= exact / 2048);
    }
    CHECK(histogram.max() == values.back());
}
