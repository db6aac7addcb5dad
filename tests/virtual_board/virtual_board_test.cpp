// Does the firmware print what the reference execution gives, on both cores and with every quantum, and is a firmware
// that is none refused?
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/load_configuration.hpp"
#include "rtl_core/rtl_core.hpp"
#include "run/library.hpp"
#include "run/run.hpp"
#include "support/random_network.hpp"
#include "support/shipped.hpp"
#include "support/temporary_folder.hpp"
#include "trace/trace_file.hpp"
#include "virtual_board/board.hpp"
#include "virtual_board/elf_file.hpp"

using namespace bru;
using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

struct Board {
    Board(const Network& network, const std::vector<int>& sequence_lengths, const char* output) {
        RunSpecification specification;
        specification.configuration = load_configuration(source("configs/z7020.ini"));
        specification.model.network = std::make_shared<const Network>(network);
        specification.output.kind = output;
        specification.on_device = false;
        run.emplace(library, specification);
        steps = random_steps(network, sequence_lengths, 5);
        options.firmware = BRU_FIRMWARE;
    }
    Board(const std::string& model, const std::string& trace, const char* output, std::size_t step_count,
          CoreKind core = CoreKind::systemc) {
        RunSpecification specification;
        specification.configuration = load_configuration(source("configs/z7020.ini"));
        specification.model.path = source(model);
        specification.output.kind = output;
        specification.core = core;
        specification.on_device = false;
        run.emplace(library, specification);
        TraceReader reader(source(trace), run->network());
        while (steps.size() < step_count) steps.push_back(*reader.next());
        options.firmware = BRU_FIRMWARE;
    }
    BoardResult result() const { return run_board(*run, steps, options); }

    Library library;
    std::optional<Run> run;
    std::vector<Step> steps;
    BoardOptions options;
};

} // namespace

TEST_CASE("the firmware prints the text of the reference execution", "[board]") {
    const Board board("models/warpeace_h256.onnx", "traces/warpeace.trace", "argmax", 150);
    const BoardResult result = board.result();
    CHECK(result.result == BRU_OK);
    CHECK(result.text.size() == 150);
    CHECK(result.text == result.expected);
    const BoardPhase& running = result.phases[static_cast<std::size_t>(PhaseKind::running)];
    CHECK(running.interrupts > 0);
    CHECK(running.sleep_ns > 0);
    const double parts = running.busy_ns + running.access_ns + running.sleep_ns;
    CHECK(std::abs(parts - (running.end_ns - running.begin_ns)) < 0.001 * parts);
}

TEST_CASE("the firmware prints numbers of a network with vectors as inputs", "[board]") {
    const Board board("models/digits_h128.onnx", "traces/digits.trace", "logits", 56);
    const BoardResult result = board.result();
    CHECK(result.result == BRU_OK);
    CHECK(result.text == result.expected);
}

TEST_CASE("the quantum changes no text, and the clock of the processor its time", "[board]") {
    Board board("models/warpeace_h256.onnx", "traces/warpeace.trace", "argmax", 40);
    const double busy_ns = board.result().phases[0].busy_ns;
    for (const double quantum_ns : {1.0, 100.0, 50'000.0}) {
        board.options.processor.quantum_ns = quantum_ns;
        const BoardResult result = board.result();
        CHECK(result.result == BRU_OK);
        CHECK(result.text == result.expected);
    }
    board.options.processor.clock_mhz /= 2;
    CHECK(std::abs(board.result().phases[0].busy_ns - 2 * busy_ns) < 0.01 * busy_ns);
}

TEST_CASE("both cores give the firmware the same text and the same counters", "[board]") {
    if (rtl_shapes().empty()) return;
    const Board systemc("models/warpeace_h256.onnx", "traces/warpeace.trace", "argmax", 60);
    const Board rtl("models/warpeace_h256.onnx", "traces/warpeace.trace", "argmax", 60, CoreKind::rtl);
    const BoardResult of_rtl = rtl.result();
    CHECK(of_rtl.result == BRU_OK);
    CHECK(of_rtl.text == of_rtl.expected);
    CHECK(of_rtl.counters == systemc.result().counters);
}

TEST_CASE("the firmware prints hidden vectors of a forward network", "[board]") {
    const Board board("models/warpeace_h256.onnx", "traces/warpeace.trace", "hidden", 3);
    const BoardResult result = board.result();
    CHECK(result.text == result.expected);
}

TEST_CASE("the firmware prints hidden vectors of reverse and bidirectional layers as they come", "[board]") {
    for (const int directions : {-1, 2}) {
        NetworkRecipe recipe;
        recipe.directions = directions;
        const Board board(random_network(recipe, 4), {3, 1, 5}, "hidden");
        const BoardResult result = board.result();
        CHECK(result.result == BRU_OK);
        CHECK(result.text == result.expected);
        CHECK(std::count(result.text.begin(), result.text.end(), '\n') == (directions == 2 ? 18 : 9));
    }
}

TEST_CASE("what is no firmware is refused, and names the file", "[board]") {
    const testing::TemporaryFolder folder;
    CHECK_THROWS_WITH(read_elf_file(folder.write("text", "no firmware, and long enough for a header of an ELF file")),
                      ContainsSubstring("no executable for 32-bit ARM"));
    CHECK_THROWS_WITH(read_elf_file(folder.write("short", "short")), ContainsSubstring("ends within"));
    CHECK_THROWS_AS(read_elf_file(folder / "missing"), InputError);
}
