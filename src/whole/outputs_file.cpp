#include "whole/outputs_file.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/numbers.hpp"
#include "base/output_file.hpp"
#include "base/printable.hpp"
#include "trace/npy_file.hpp"

namespace bru {

struct WholeOutputWriter::File {
    File(const std::string& path, const HostTensor& first)
        : file(path), is_npy(std::filesystem::path(path).extension() == ".npy"), name(first.name) {
        inner.assign(first.dims.begin() + (first.dims.empty() ? 0 : 1), first.dims.end());
        columns = first.dims.empty() ? 1 : static_cast<std::size_t>(std::max<std::int64_t>(first.dims.back(), 1));
        if (is_npy) {
            file.write(npy_header(0, inner));
            return;
        }
        std::string head = "call,row";
        for (std::size_t column = 0; column < columns; ++column) head += fmt::format(",v{}", column);
        file.write(head + "\n");
    }

    void write(const HostTensor& tensor, std::uint64_t call) {
        const std::vector<double> numbers = tensor.numbers();
        if (!is_npy) {
            write_csv(numbers, call);
            return;
        }
        const std::size_t axes = tensor.dims.empty() ? 0 : 1;
        if (!std::equal(tensor.dims.begin() + static_cast<std::ptrdiff_t>(axes), tensor.dims.end(), inner.begin(),
                        inner.end()))
            throw InputError({file.path()},
                             fmt::format("the calls of the graph put out '{}' in different shapes, so they make no "
                                         "array; give a name that ends in .csv",
                                         printable(name)));
        std::string bytes;
        for (const double number : numbers) append_float32(bytes, static_cast<float>(number));
        file.write(bytes);
        rows += tensor.dims.empty() ? 1 : static_cast<std::uint64_t>(tensor.dims.front());
    }

    void write_csv(const std::vector<double>& numbers, std::uint64_t call) {
        std::string text;
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            if (i % columns == 0) text += fmt::format("{}{},{}", i == 0 ? "" : "\n", call, i / columns);
            text += ',';
            append_real(text, numbers[i]);
        }
        file.write(text + "\n");
    }

    OutputFile file;
    bool is_npy;
    std::string name;
    std::vector<std::int64_t> inner; ///< sizes behind the first axis
    std::size_t columns = 1;
    std::uint64_t rows = 0;
};

namespace {

/// "out.npy" and "scores" make "out.scores.npy".
std::string path_of_output(const std::string& path, std::string name) {
    for (char& character : name)
        if (std::isalnum(static_cast<unsigned char>(character)) == 0) character = '_';
    std::filesystem::path place(path);
    const std::string ending = place.extension().string();
    return place.replace_extension(name + ending).string();
}

} // namespace

WholeOutputWriter::WholeOutputWriter(const std::string& path) : path_(path) {}
WholeOutputWriter::~WholeOutputWriter() = default;

void WholeOutputWriter::write(const std::vector<HostTensor>& outputs) {
    if (files_.empty())
        for (std::size_t i = 0; i < outputs.size(); ++i)
            files_.push_back(
                std::make_unique<File>(i == 0 ? path_ : path_of_output(path_, outputs[i].name), outputs[i]));
    for (std::size_t i = 0; i < outputs.size(); ++i) files_[i]->write(outputs[i], calls_);
    ++calls_;
}

void WholeOutputWriter::finish() {
    for (const auto& each : files_) {
        if (each->is_npy) each->file.patch(0, npy_header(each->rows, each->inner));
        each->file.commit();
    }
}

} // namespace bru
