// `bru run` of a model that the machine and the host run together: the outputs of the whole graph.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/whole_use.hpp"
#include "reference/reference.hpp"
#include "report/run_report.hpp"
#include "run/run.hpp"
#include "whole/back.hpp"
#include "whole/outputs_file.hpp"
#include "whole/predictions.hpp"

namespace bru::cli {

class WholeRun {
public:
    /// `outputs`: the file for the outputs of the graph; "" where there is none.
    WholeRun(const WholeUse& use, const Run& run, const std::string& outputs, bool predictions);

    void expect(const Step& step);
    void take(const OutputVector& output);
    /// After the run: files take their places.
    HostTimes finish();
    /// What --predictions asks for, of the machine and of the float network.
    std::vector<PredictionMeasure> predictions() const;

private:
    const WholeUse& use_;
    const Run& run_;
    WholeOutputs whole_;
    std::optional<WholeScorer> scorer_;
    std::optional<WholeOutputWriter> writer_;
    std::vector<double> values_;
};

} // namespace bru::cli
