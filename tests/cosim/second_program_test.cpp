// Does a second program that rewrites descriptors get the values and the cycles of the RTL? Where the RTL is not built,
// tests/modules/core_test.cpp compares the second program with a fresh core of the SystemC model.
#include "support/catch.hpp"

#include "rtl_core/rtl_core.hpp"
#include "support/second_program.hpp"

using namespace bru;
using namespace bru::test;

namespace {

void check_same(const BenchRecord& systemc, const BenchRecord& rtl) {
    CHECK(systemc.input_cycles == rtl.input_cycles);
    CHECK(systemc.data() == rtl.data());
    REQUIRE(systemc.outputs.size() == rtl.outputs.size());
    for (std::size_t k = 0; k < rtl.outputs.size(); ++k) CHECK(systemc.outputs[k].cycle == rtl.outputs[k].cycle);
    CHECK(systemc.interrupt_cycles == rtl.interrupt_cycles);
    CHECK(systemc.counters == rtl.counters);
}

} // namespace

TEST_CASE("a second program that rewrites a descriptor gets the values and cycles of the RTL") {
    const Network network = random_network(two_equal_layers(), 7);
    for (const RtlShape& built : rtl_shapes()) {
        if (built.name != "l16w4" && built.name != "l8w5") continue; // small, several groups and chunks
        Configuration configuration;
        configuration.shape = built.shape;
        const BenchNetwork bench = bench_network(network, configuration, {OutputKind::logits, OutputSteps::every},
                                                 random_steps(network, {3}, 9), BenchPlan());
        for (const DescriptorRewrite& rewrite : descriptor_rewrites()) {
            INFO("shape " << built.name << ", " << rewrite.fields);
            const BenchRecord rtl = run_both_programs(bench, rewrite, CoreKind::rtl);
            CHECK(rtl.interrupt_cycles.size() == 2);
            check_same(run_both_programs(bench, rewrite, CoreKind::systemc), rtl);
        }
    }
}
