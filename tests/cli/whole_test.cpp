// A model with a Softmax at its end from data to outputs: with ONNX Runtime the outputs are those of the graph, without
// it those of the machine. A trace that was made for the machine alone stays so.
#include "support/catch.hpp"

#include <cmath>
#include <cstdlib>
#include <sstream>

#include "cli/process.hpp"
#include "host_runtime/session.hpp"
#include "model/model_builder.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string model_with_softmax() {
    ModelBuilder model;
    model.simple_lstm();
    model.floats("D", {2, 2}, {1, 2, 2, -1}).int64s("axis", {1}, {1});
    model.node("Squeeze", {"y", "axis"}, {"s"});
    model.node("MatMul", {"s", "D"}, {"m"});
    model.node("Softmax", {"m"}, {"p"}).integer("axis", -1);
    model.output("p", {"steps", "2"});
    return model.proto.SerializeAsString();
}

struct Use {
    TemporaryFolder folder;
    std::string model = folder.write("m.onnx", model_with_softmax());
    std::string trace = folder / "t.trace";

    Outcome run(std::vector<std::string> words) const {
        words.insert(words.begin() + 1, {"--model", model, "--lstm-weight-bits", "8", "--dense-weight-bits", "8"});
        Outcome outcome = run_bru(words);
        CAPTURE(outcome.out, outcome.err);
        CHECK(outcome.status == 0);
        return outcome;
    }
    void make_trace(const std::string& numbers, const std::vector<std::string>& options = {}) const {
        std::vector<std::string> words = {"trace", "--csv", folder.write("x.csv", numbers), "--out", trace};
        words.insert(words.end(), options.begin(), options.end());
        run(words);
    }
    /// True where the last two numbers of each row are probabilities.
    bool puts_out_probabilities() const {
        run({"run", "--trace", trace, "--outputs", folder / "o.csv"});
        std::istringstream lines(file_text(folder / "o.csv"));
        std::string line;
        std::getline(lines, line); // names
        std::size_t rows = 0;
        std::size_t of_sum_one = 0;
        for (; std::getline(lines, line); ++rows) {
            const std::size_t second = line.rfind(',');
            const std::size_t first = line.rfind(',', second - 1);
            const double sum = std::strtod(&line[first + 1], nullptr) + std::strtod(&line[second + 1], nullptr);
            if (std::abs(sum - 1) < 1e-5) ++of_sum_one;
        }
        CHECK(rows == 3);
        CHECK((of_sum_one == 0 || of_sum_one == rows));
        return of_sum_one > 0;
    }
};

bool has_runtime() { return bru::why_no_host_runtime().empty(); }

} // namespace

TEST_CASE("are the outputs of a whole model those of its Softmax?", "[cli]") {
    const Use use;
    use.make_trace("1,2,3\n-1,0.5,0\n0,1,-2\n");
    CHECK(use.puts_out_probabilities() == has_runtime());
}

TEST_CASE("has a trace of the machine alone no end, even where an older one left its calls?", "[cli]") {
    const Use use;
    use.make_trace("1,2,3\n-1,0.5,0\n0,1,-2\n");
    use.make_trace("3,2,1\n-1,0.5,1\n0,1,-1\n", {"--output", "logits"});
    CHECK_FALSE(use.puts_out_probabilities());
}
