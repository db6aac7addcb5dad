// Steps from a file of any kind that bru reads: the data that `bru trace` makes traces of, or a trace itself.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "model/network.hpp"
#include "model/step.hpp"
#include "trace/data_set.hpp"
#include "trace/step_sources.hpp"
#include "trace/trace_file.hpp"

namespace bru {

enum class TraceSource { text, images, csv, npy, wav, sample };

/// Of a file or folder; nullptr for sample, which has none.
std::unique_ptr<DataSet> open_data(TraceSource source, const std::string& path, const Network& network);

/// True where the file begins as a trace does. Throws InputError where it cannot be read.
bool is_trace(const std::string& path);

/// What kind of data a file or folder holds: by its first bytes (NumPy, IDX), else by the ending of its name (.npy,
/// .csv, .json), else a text for a network with one-hot inputs and a vocabulary, and CSV for others.
TraceSource data_kind(const std::string& path, const Network& network);

struct DataChoice {
    std::string path;
    std::string labels_path;            ///< empty: the data's own labels
    std::string indices_path;           ///< empty: all sequences
    std::optional<std::uint64_t> steps; ///< at most so many, over all sequences
};

/// The chosen steps, in constant memory. Throws InputError on wrong data, and where there is no step in it.
class DataSteps : public StepSource {
public:
    /// The network must outlive this.
    DataSteps(const DataChoice& choice, const Network& network);
    const Step* next() override;
    std::string remark() const { return data_ ? data_->remark() : ""; } ///< DataSet::remark()

private:
    std::string path_;
    std::unique_ptr<DataSet> data_;      ///< nullptr: a trace
    std::unique_ptr<StepSource> source_; ///< of all steps
    std::unique_ptr<LimitedSteps> limited_;
    bool any_ = false;
};

} // namespace bru
