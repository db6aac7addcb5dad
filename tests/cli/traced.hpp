// A sampled trace of the character model with its golden file, and `bru run` over it.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/process.hpp"
#include "support/catch.hpp"
#include "support/shipped.hpp"

namespace bru::test {

inline const std::string kModel = source("models/warpeace_h256.onnx");

/// A folder with a sampled trace of the character model and its golden file.
class Traced {
public:
    explicit Traced(int steps = 40) {
        const Outcome made =
            run_bru({"trace", "--model", kModel, "--sample", std::to_string(steps), "--seed", "3", "--out", trace});
        INFO(made.err);
        REQUIRE(made.status == 0);
    }
    nlohmann::json run(const std::vector<std::string>& options = {}, int status = 0) const {
        std::vector<std::string> words = {"run", "--model", kModel, "--trace", trace, "--json", folder / "out.json"};
        words.insert(words.end(), options.begin(), options.end());
        const Outcome outcome = run_bru(words);
        CAPTURE(outcome.out, outcome.err);
        REQUIRE(outcome.status == status);
        return nlohmann::json::parse(file_text(folder / "out.json"));
    }
    TemporaryFolder folder;
    std::string trace = folder / "t.trace";
};

} // namespace bru::test
