// Does a hint keep its promise, and is it found where one parameter holds a step back?
#include "support/catch.hpp"

#include <algorithm>

#include "run/hints.hpp"
#include "support/shipped.hpp"

using namespace bru;
using namespace bru::test;

TEST_CASE("a machine that follows a hint has the cycles that the hint promised") {
    RunSpecification specification;
    specification.model.path = source("models/digits_h128.onnx");
    specification.trace.path = "";
    specification.configuration.shape.update_width = 1;
    specification.figures = true;
    Library library;
    const Run run(library, specification);
    const std::vector<Hint> hints = find_hints(run, run.execute());
    const auto wider =
        std::find_if(hints.begin(), hints.end(), [](const Hint& hint) { return hint.key == "bru.update_width"; });
    REQUIRE(wider != hints.end());
    CHECK(wider->value == "2");
    for (const Hint& hint : hints) {
        RunSpecification followed = specification;
        for (const Parameter& parameter : parameters())
            if (parameter.key == hint.key) parameter.set(followed.configuration, hint.value);
        const RunOutcome outcome = Run(library, followed).execute();
        CHECK(outcome.figures->steady.cycles_per_step() == hint.cycles_per_step);
        CHECK(outcome.estimate->resources.fits);
    }
}
