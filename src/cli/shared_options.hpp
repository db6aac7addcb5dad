// Options that several subcommands share, and the specification of a run that they stand for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cli/command.hpp"
#include "run/library.hpp"
#include "run/specification.hpp"

namespace bru::cli {

std::vector<Option> config_options();
std::vector<Option> model_options(); ///< --model, its region, its constants of use, and the quantization asked for
Option given_input_option();         ///< --input
std::vector<Option> output_options();
std::vector<Option> core_options();
Option synthesis_option();

/// --config and the overrides.
/// The model that a subcommand takes as its argument MODEL or as --model, once. Throws where it is given in neither
/// way, or in both.
std::string model_path_from(const Arguments& arguments, const std::string& command);

/// Says so where the name of an output ends as that of another kind of file ("o.xlsx"), since the name alone decides
/// nothing.
void note_ending(const std::optional<std::string>& written, const std::string& format,
                 const std::vector<std::string>& endings);

Configuration configuration_from(const Arguments& arguments);

/// The network at `path` with the weight bits that were asked for.
ModelSpecification model_from(const Arguments& arguments, const std::string& path);

/// --output and --output-steps.
OutputSpecification output_from(const Arguments& arguments);

CoreKind core_from(const Arguments& arguments);

/// All of the above together.
RunSpecification specification_from(const Arguments& arguments, const std::string& model_path);

/// What runs read; warnings about it go to standard error.
class NotingLibrary : public Library {
public:
    NotingLibrary();
};

/// Before the work that a command does: throws InputError where a file that will be written is one that is read, two
/// are the same, or one is a folder or in a folder that is not there. Names that are empty are left out.
void refuse_overwriting(const std::vector<std::string>& written, const std::vector<std::string>& read);

/// Warnings and notes on standard error.
void note(const std::string& message);

/// Writes a text file, whole or not at all. The path "-" is standard output.
void write_text_file(const std::string& path, const std::string& text);

/// The same of JSON. `indent`: columns per level.
void write_json_file(const std::string& path, const nlohmann::ordered_json& value, int indent = 2);

/// Prints a report, unless one of the outputs is "-": standard output then has that and nothing else.
void print_report(const std::vector<std::optional<std::string>>& outputs, const std::string& text);

} // namespace bru::cli
