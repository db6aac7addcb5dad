// Does software over the driver get the values of the reference execution from the machine, whichever way it uses it?
#include "support/catch.hpp"

#include <algorithm>
#include <functional>

#include "driver/bru.h"
#include "platform/bru_system.hpp"
#include "platform/kernel_scope.hpp"
#include "rtl_core/rtl_core.hpp"
#include "support/driver_application.hpp"

using namespace bru;
using namespace bru::test;

namespace {

constexpr OutputMode kEvery{OutputKind::hidden, OutputSteps::every};

void on_machine(const Configuration& configuration, CoreKind core, const HostProgram& program) {
    const KernelScope kernel;
    BruSystem system("bru", configuration, true, core, {program});
    sc_core::sc_start();
    if (system.failure()) std::rethrow_exception(system.failure());
}

/// What a test does with a device that was enabled and has loaded its network.
using DeviceProgram = std::function<void(bru_device&, const bru_network&)>;

void on_loaded_machine(const Configuration& configuration, CoreKind core, const Application& application,
                       const DeviceProgram& program) {
    on_machine(configuration, core, [&](const bru_port& port, const bru_addresses& addresses) {
        bru_device device = {};
        bru_initialise(&device, &port, addresses);
        REQUIRE(bru_identify(&device) == BRU_OK);
        bru_enable(&device);
        bru_network network = {};
        load(device, network, application);
        program(device, network);
    });
}

/// Packets of so many output vectors, and so many steps at a time.
void check_run(const Configuration& configuration, const Application& application, std::uint32_t packet_vectors,
               std::uint32_t steps) {
    on_loaded_machine(configuration, CoreKind::systemc, application,
                      [&](bru_device& device, const bru_network& network) {
                          CHECK(run(device, network, application, packet_vectors, steps) == application.expected);
                      });
}

} // namespace

TEST_CASE("a run of the driver gives the outputs of the reference", "[driver]") {
    const Configuration configuration = small_machine();
    const Application application(configuration.shape, random_network(recipe(20, {13, 9}), 1), kEvery, {1, 30, 19}, 2);
    struct Transfers {
        std::uint32_t packet_vectors, steps;
    };
    for (const Transfers transfers : {Transfers{1, 1}, Transfers{7, 3}, Transfers{50, 50}})
        check_run(configuration, application, transfers.packet_vectors, transfers.steps);
}

TEST_CASE("one-hot inputs, class outputs and one output per sequence pass through the driver", "[driver]") {
    const Configuration configuration = small_machine();
    NetworkRecipe made = recipe(40, {12});
    made.one_hot = true;
    made.dense_outputs = 5;
    const Network network = random_network(made, 3);
    for (const OutputMode mode :
         {OutputMode{OutputKind::argmax, OutputSteps::every}, OutputMode{OutputKind::logits, OutputSteps::last}}) {
        const Application application(configuration.shape, network, mode, {4, 6, 20}, 4);
        check_run(configuration, application, 3, 4);
    }
}

/// Two applications whose networks are loaded beside each other.
struct TwoApplications {
    bru_device& device;
    bru_network networks[2] = {};
    const Application& first;
    const Application& second;

    const Application& operator[](unsigned number) const { return number == 0 ? first : second; }
    bool runs_right(unsigned number) {
        return run(device, networks[number], (*this)[number], 4, 5) == (*this)[number].expected;
    }
};

/// On each core that is built.
void with_two_applications(const std::function<void(TwoApplications&)>& use) {
    const Configuration configuration = small_machine();
    const Application first(configuration.shape, random_network(recipe(20, {13, 9}), 5), kEvery, {12}, 6);
    const Application second(configuration.shape, random_network(recipe(7, {30}), 7), kEvery, {4, 5}, 8);
    for (const CoreKind core : {CoreKind::systemc, CoreKind::rtl}) {
        if (core == CoreKind::rtl && rtl_shapes().empty()) continue;
        on_loaded_machine(configuration, core, first, [&](bru_device& device, const bru_network& network) {
            TwoApplications two{device, {network, {}}, first, second};
            load(device, two.networks[1], second);
            CHECK(two.networks[1].first_word[BRU_LOAD_WEIGHTS] > 0);
            use(two);
        });
    }
}

TEST_CASE("two networks are resident, and 100 starts switch between them by descriptors", "[driver]") {
    with_two_applications([](TwoApplications& two) {
        for (unsigned start = 0; start < 100; ++start) REQUIRE(two.runs_right(start % 3 == 1 ? 1 : 0));
    });
}

/// Starts a run, and resets core and DMA some cycles later, wherever they are by then.
void break_off(bru_device& device, const bru_network& network, const Application& application, std::uint64_t cycles) {
    bru_select(&device, &network, 4);
    Stream stream(application, application.steps.size(), device.packet_bytes);
    const std::size_t bytes =
        stream.next_steps(static_cast<std::uint64_t*>(stream.stream.inputs[0].data), stream.stream.inputs[0].bytes);
    REQUIRE(bru_receive(&device, &stream.stream.outputs[0], device.packet_bytes) == BRU_OK);
    bru_start(&device);
    REQUIRE(bru_send(&device, &stream.stream.inputs[0], bytes) == BRU_OK);
    const std::uint64_t deadline = device.port->now(device.port->context) + cycles;
    bru_event event = {};
    while (bru_next_event(&device, deadline, &event) == BRU_OK) {
    }
    REQUIRE(bru_reset(&device) == BRU_OK);
}

TEST_CASE("a reset in the middle of a run loses that run alone, and the networks stay loaded", "[driver]") {
    with_two_applications([](TwoApplications& two) {
        for (unsigned start = 0; start < 100; ++start) {
            const unsigned broken = start % 2;
            break_off(two.device, two.networks[broken], two[broken], 1 + 41 * start);
            REQUIRE(two.runs_right(start / 2 % 2));
        }
    });
}

/// What software can do wrong; each takes a device with a loaded and selected network.
using Mistake = std::function<void(bru_device&, const bru_network&, const Application&)>;

/// On each core that is built: the mistake is told, a run of bru_run that it stops ends with it, and a reset recovers.
void check_mistake(const Configuration& configuration, const Application& application, bool stops_runs,
                   const Mistake& mistake) {
    for (const CoreKind core : {CoreKind::systemc, CoreKind::rtl}) {
        if (core == CoreKind::rtl && rtl_shapes().empty()) continue;
        on_loaded_machine(configuration, core, application, [&](bru_device& device, const bru_network& network) {
            bru_select(&device, &network, 4);
            CHECK(bru_check(&device) == BRU_OK);
            mistake(device, network, application);
            CHECK(bru_check(&device) == BRU_REFUSED);
            if (stops_runs) {
                Stream stream(application, 5, device.packet_bytes);
                stream.stream.timeout_ticks = bru_ticks(&device, 50);
                CHECK(bru_run(&device, &network, &stream.stream) == BRU_REFUSED);
            }
            REQUIRE(bru_reset(&device) == BRU_OK);
            CHECK(bru_check(&device) == BRU_OK);
            CHECK(run(device, network, application, 4, 5) == application.expected);
        });
    }
}

void write_core(const bru_device& device, std::uint32_t offset, std::uint32_t value) {
    device.port->write32(device.port->context, device.core + offset, value);
}

TEST_CASE("a mistake of software is told by the driver until a reset", "[driver]") {
    const Configuration configuration = small_machine();
    const Application application(configuration.shape, random_network(recipe(20, {13}), 13), kEvery, {6}, 14);
    SECTION("a field of a descriptor out of range") {
        check_mistake(configuration, application, true, [](bru_device& device, const bru_network&, const Application&) {
            write_core(device, BRU_DESCRIPTOR + 4 * BRU_FIELD_X_PLANES, 9);
            bru_start(&device);
        });
    }
    SECTION("a start of no descriptor") {
        check_mistake(configuration, application, true, [](bru_device& device, const bru_network&, const Application&) {
            write_core(device, BRU_DESCRIPTORS, 0);
            bru_start(&device);
        });
    }
    SECTION("a step of a stream that the machine does not have") {
        check_mistake(configuration, application, false,
                      [](bru_device& device, const bru_network&, const Application& a) {
                          Stream stream(a, 1, device.packet_bytes);
                          auto* const beats = static_cast<std::uint64_t*>(stream.stream.inputs[0].data);
                          const std::size_t bytes = stream.next_steps(beats, stream.stream.inputs[0].bytes);
                          beats[0] |= BRU_STEP_STREAM(1);
                          REQUIRE(bru_send(&device, &stream.stream.inputs[0], bytes) == BRU_OK);
                          bru_event event = {};
                          REQUIRE(bru_next_event(&device, BRU_FOREVER, &event) == BRU_OK);
                          CHECK(event.kind == BRU_EVENT_SENT);
                      });
    }
}

TEST_CASE("hidden vectors of 12 bits cross the borders of beats", "[driver]") {
    Configuration configuration = small_machine();
    configuration.shape.activation_bits = 12;
    configuration.shape.lane_width = 11;
    const Application application(configuration.shape, random_network(recipe(25, {10}), 9), kEvery, {8}, 10);
    check_run(configuration, application, 2, 3);
}

TEST_CASE("the counters of a run of the driver sum to its cycles", "[driver]") {
    const Configuration configuration = small_machine();
    const Application application(configuration.shape, random_network(recipe(20, {13}), 11), kEvery, {20}, 12);
    const auto program = [&](bru_device& device, const bru_network& network) {
        const auto now = [&] { return device.port->now(device.port->context); };
        bru_start_counters(&device);
        const std::uint64_t begin = now();
        run(device, network, application, 4, 20);
        bru_stop_counters(&device);
        const std::uint64_t end = now();
        const bru_counters counters = bru_read_counters(&device);
        std::uint64_t sum = 0;
        for (int k = 0; k < kCycleClasses; ++k) sum += counters.values[k];
        CHECK(sum == end - begin);
        CHECK(counters.values[BRU_COUNTER_STEPS] == 20);
    };
    on_loaded_machine(configuration, CoreKind::systemc, application, program);
}
