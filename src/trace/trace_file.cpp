#include "trace/trace_file.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/integers.hpp"
#include "base/numbers.hpp"
#include "model/fingerprint.hpp"

namespace bru {
namespace {

constexpr std::string_view kMagic = "bru trace 1";
constexpr std::string_view kMagicStart = "bru trace ";
constexpr std::size_t kLineLimitBytes = 1 << 16;
constexpr std::size_t kBytesOfAValue = 64;
constexpr int kMostInputs = 1 << 20;       ///< of a header that can be believed
constexpr std::uint32_t kLeastStreams = 2; ///< that a header names: steps of one stream do not name it

const char* encoding_name(InputEncoding encoding) { return encoding == InputEncoding::one_hot ? "onehot" : "vector"; }

std::string_view header_line(LineReader& lines) {
    while (const auto line = lines.next()) {
        if (line->empty() || line->front() == '#') continue;
        return *line;
    }
    throw InputError({lines.path()}, fmt::format("{}; make the trace anew with `bru trace`",
                                                 lines.line_number() == 0 ? "is empty" : "ends within the header"));
}

void parse_input(TraceHeader& header, std::string_view rest, const LineReader& lines) {
    const std::string_view encoding = take_word(rest);
    const auto size = parse_integer<std::int32_t>(take_word(rest));
    if ((encoding != "onehot" && encoding != "vector") || !size || *size < 1 || *size > kMostInputs)
        throw lines.error("`input` takes `onehot` or `vector` and the number of inputs, for example `input onehot 82`");
    header.encoding = encoding == "onehot" ? InputEncoding::one_hot : InputEncoding::vector;
    header.input_size = *size;
}

TraceHeader parse_header(LineReader& lines) {
    TraceHeader header;
    const std::string_view first = header_line(lines);
    if (first != kMagic && first.substr(0, kMagicStart.size()) == kMagicStart)
        throw lines.error(fmt::format("is a trace of another version, {}; this program reads `{}`: make the trace anew "
                                      "with `bru trace`",
                                      bru::quoted(first), kMagic));
    if (first != kMagic)
        throw lines.error(fmt::format("is no trace: it must start with `{}`; make one with `bru trace`{}", kMagic,
                                      file_kind_remark(lines.path(), "a trace")));
    for (std::string_view line = header_line(lines); line != "begin"; line = header_line(lines)) {
        std::string_view rest = line;
        const std::string_view key = take_word(rest);
        if (key == "model") {
            header.fingerprint = take_word(rest);
            rest.remove_prefix(rest.empty() ? 0 : 1);
            header.model_name = rest;
        } else if (key == "input") {
            parse_input(header, rest, lines);
        } else if (key == "arrival") {
            const std::string_view kind = take_word(rest);
            if (kind != "back-to-back" && kind != "timed")
                throw lines.error("`arrival` takes `back-to-back` or `timed`");
            header.timed = kind == "timed";
        } else if (key == "divisor") {
            const auto divisor = parse_integer<std::int32_t>(take_word(rest));
            if (!divisor || *divisor < 1) throw lines.error("`divisor` takes a whole number, 1 or more");
            header.divisor = *divisor;
        } else if (key == "streams") {
            const auto streams = parse_integer<std::uint32_t>(take_word(rest));
            if (!streams || *streams < kLeastStreams || *streams > kMostStreams)
                throw lines.error(fmt::format("`streams` takes the number of streams, {} to {}; a trace of one stream "
                                              "has no such line",
                                              kLeastStreams, kMostStreams));
            header.streams = *streams;
        } else {
            throw lines.error(
                fmt::format("{} is no line of a trace's header; known are model, input, arrival, divisor, "
                            "streams and begin",
                            bru::quoted(key)));
        }
    }
    if (header.fingerprint.empty()) throw lines.error("the header has no `model` line before `begin`");
    if (header.input_size == 0) throw lines.error("the header has no `input` line before `begin`");
    return header;
}

} // namespace

TraceHeader trace_header_for(const Network& network, bool timed, std::uint32_t streams) {
    return {input_fingerprint(network), network.name, network.input_encoding, network.input_size(), timed, 1, streams};
}

TraceHeader read_trace_header(const std::string& path) {
    LineReader lines(path, kLineLimitBytes);
    return parse_header(lines);
}

TraceReader::TraceReader(const std::string& path)
    : lines_(path, kLineLimitBytes), header_(parse_header(lines_)), in_sequence_(header_.streams) {
    lines_.set_limit(kLineLimitBytes + kBytesOfAValue * header_.input_size);
}

TraceReader::TraceReader(const std::string& path, const Network& network) : TraceReader(path) {
    if (header_.encoding != network.input_encoding || header_.input_size != network.input_size())
        throw InputError(
            {path}, fmt::format("its input is {} {}, and {} takes {} {}; make a trace for this model with `bru trace`",
                                encoding_name(header_.encoding), header_.input_size, network.name,
                                encoding_name(network.input_encoding), network.input_size()));
    // Traces of bru 0.1 carry the fingerprint of the network itself.
    const std::string wanted = input_fingerprint(network);
    if (header_.fingerprint != wanted && header_.fingerprint != network.fingerprint)
        throw InputError({path},
                         fmt::format("a trace for other inputs: it was made for {} ({}), and the inputs of {} have the "
                                     "fingerprint {}; make a trace for this model with `bru trace`",
                                     header_.fingerprint, header_.model_name, network.name, wanted));
    if (header_.streams > 1 && network.needs_whole_sequence())
        throw InputError({path}, fmt::format("it has {} streams, and {} has reverse layers, which take one sequence at "
                                             "a time; make the trace without --streams",
                                             header_.streams, network.name));
}

const Step* TraceReader::next() {
    if (finished_) return nullptr;
    const auto line = lines_.next();
    if (!line || !lines_.line_was_whole())
        throw InputError(
            {lines_.path(), lines_.line_number() + (line ? 0 : 1)},
            fmt::format("the trace is cut off: it must end with a line `end {}`; make it anew with `bru trace`",
                        line ? "STEPS" : std::to_string(steps_)));
    if (line->substr(0, 4) == "end ") {
        finish(*line);
        return nullptr;
    }
    parse_step(*line);
    ++steps_;
    return &step_;
}

void TraceReader::parse_step(std::string_view line) {
    std::string_view rest = line;
    if (header_.timed) parse_arrival(take_word(rest));
    if (header_.streams > 1) parse_stream(take_word(rest));
    parse_flags(take_word(rest));
    step_.label = kNoLabel;
    if (header_.encoding == InputEncoding::vector) return parse_values(rest);
    const std::string_view word = take_word(rest);
    const auto symbol = parse_integer<std::uint64_t>(word);
    if (!symbol || *symbol >= static_cast<std::uint64_t>(header_.input_size))
        throw lines_.error(
            fmt::format("the symbol is {}; it must be 0 to {}", bru::quoted(word), header_.input_size - 1));
    step_.symbol = narrow<std::uint32_t>(*symbol);
    const std::string_view label = take_word(rest);
    if (!label.empty()) parse_label(label);
    const std::string_view more = take_word(rest);
    if (!more.empty())
        throw lines_.error(fmt::format("{} is more than a step's flags, symbol and =label", bru::quoted(more)));
}

void TraceReader::parse_arrival(std::string_view word) {
    const auto arrival = parse_real(word);
    if (!arrival || *arrival < 0)
        throw lines_.error(
            fmt::format("the arrival time is {}; it must be a number of microseconds, 0 or more", bru::quoted(word)));
    if (steps_ > 0 && *arrival < step_.arrival_us)
        throw lines_.error(
            fmt::format("the arrival time {} lies before that of the step before, {}", *arrival, step_.arrival_us));
    step_.arrival_us = *arrival;
}

void TraceReader::parse_stream(std::string_view word) {
    const auto stream = parse_integer<std::uint32_t>(word);
    if (!stream || *stream >= header_.streams)
        throw lines_.error(fmt::format("the stream is {}; it must be 0 to {}, since the header says `streams {}`",
                                       bru::quoted(word), header_.streams - 1, header_.streams));
    step_.stream = *stream;
}

void TraceReader::parse_flags(std::string_view word) {
    step_.first = word == "F" || word == "FL";
    step_.last = word == "L" || word == "FL";
    if (!step_.first && !step_.last && word != "-")
        throw lines_.error(
            fmt::format("the flags are {}; they must be F (first of a sequence), L (last), FL (both) or - (neither)",
                        bru::quoted(word)));
    check_flags();
    in_sequence_[step_.stream] = !step_.last;
}

/// The sequences of each stream are whole.
void TraceReader::check_flags() const {
    if (step_.first != in_sequence_[step_.stream]) return;
    const std::string of_stream = header_.streams > 1 ? fmt::format(" of stream {}", step_.stream) : "";
    throw lines_.error(step_.first ? fmt::format("a sequence{} starts (flag F) before the one before has ended (flag "
                                                 "L)",
                                                 of_stream)
                                   : fmt::format("the first step of a sequence{} must have the flag F", of_stream));
}

void TraceReader::parse_label(std::string_view word) {
    const auto label = word.front() == '=' ? parse_integer<std::int32_t>(word.substr(1)) : std::nullopt;
    if (!label || *label < 0)
        throw lines_.error(fmt::format("{} is no label; a label is =0 or a larger number", bru::quoted(word)));
    step_.label = *label;
}

void TraceReader::parse_values(std::string_view text) {
    step_.values.clear();
    const std::size_t size = header_.input_size;
    for (std::string_view word = take_word(text); !word.empty(); word = take_word(text)) {
        if (step_.label != kNoLabel)
            throw lines_.error(fmt::format("{} stands behind the label; the label comes last", bru::quoted(word)));
        if (word.front() == '=') {
            parse_label(word);
            continue;
        }
        const auto value = parse_real(word);
        if (!value)
            throw lines_.error(
                fmt::format("value {} is {}; it must be a finite number", step_.values.size(), bru::quoted(word)));
        if (step_.values.size() == size) throw lines_.error(fmt::format("there are more than {} values", size));
        step_.values.push_back(header_.divisor == 1 ? *value : *value / header_.divisor);
    }
    if (step_.values.size() != size)
        throw lines_.error(fmt::format("there are {} values; the model takes {}", step_.values.size(), size));
}

void TraceReader::finish(std::string_view line) {
    std::string_view rest = line.substr(4);
    const auto steps = parse_integer<std::uint64_t>(take_word(rest));
    if (!steps || !take_word(rest).empty()) throw lines_.error("the last line is `end` and the number of steps");
    if (*steps != steps_)
        throw lines_.error(
            fmt::format("the trace should have {} steps and has {}; make it anew with `bru trace`", *steps, steps_));
    if (steps_ == 0) throw lines_.error("the trace has no steps");
    const auto open = std::find(in_sequence_.begin(), in_sequence_.end(), true);
    if (open != in_sequence_.end())
        throw lines_.error(
            fmt::format("the last sequence{} has no last step (flag L)",
                        header_.streams > 1 ? fmt::format(" of stream {}", open - in_sequence_.begin()) : ""));
    if (lines_.next()) throw lines_.error("nothing may follow the `end` line");
    finished_ = true;
}

TraceWriter::TraceWriter(const std::string& path, const TraceHeader& header, const std::string& comment)
    : file_(path), header_(header) {
    file_.write(fmt::format("{}\n", kMagic));
    std::string_view rest = comment;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        file_.write(fmt::format("# {}\n", rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    std::string model_name = header.model_name;
    const auto is_control = [](unsigned char c) { return c < 32; };
    std::replace_if(model_name.begin(), model_name.end(), is_control, '?');
    file_.write(fmt::format("model {} {}\ninput {} {}\narrival {}\n", header.fingerprint, model_name,
                            encoding_name(header.encoding), header.input_size,
                            header.timed ? "timed" : "back-to-back"));
    if (header.divisor != 1) file_.write(fmt::format("divisor {}\n", header.divisor));
    if (header.streams > 1) file_.write(fmt::format("streams {}\n", header.streams));
    file_.write("begin\n");
}

void TraceWriter::write(const Step& step) {
    line_.clear();
    if (header_.timed) {
        append_real(line_, step.arrival_us);
        line_ += ' ';
    }
    if (header_.streams > 1) {
        append_integer(line_, step.stream);
        line_ += ' ';
    }
    line_ += step.first ? (step.last ? "FL" : "F") : (step.last ? "L" : "-");
    if (header_.encoding == InputEncoding::one_hot) {
        line_ += ' ';
        append_integer(line_, step.symbol);
    } else {
        for (const double value : step.values) {
            line_ += ' ';
            append_real(line_, header_.divisor == 1 ? value : std::round(value * header_.divisor));
        }
    }
    if (step.label != kNoLabel) {
        line_ += " =";
        append_integer(line_, step.label);
    }
    line_ += '\n';
    file_.write(line_);
    ++steps_;
    sequences_ += step.last ? 1 : 0;
}

void TraceWriter::finish() {
    file_.write(fmt::format("end {}\n", steps_));
    file_.flush();
}

} // namespace bru
