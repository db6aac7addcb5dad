// Manual pages and completion files as files, under the names that man and the shells look for.
#include <filesystem>

#include "base/command_line/option_table.hpp"
#include "base/output_file.hpp"

namespace bru {

namespace {

void write(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    OutputFile output(path.string());
    output.write(text);
    output.commit();
}

} // namespace

void write_documents(const Program& program, const std::string& folder) {
    const std::filesystem::path top(folder);
    write(top / "man" / (program.name + ".1"), manual_page(program));
    if (program.has_subcommands())
        for (const Command& command : program.commands)
            write(top / "man" / (program.name + "-" + command.name + ".1"), manual_page(program, command));
    write(top / "bash" / program.name, bash_completion(program));
    write(top / "zsh" / ("_" + program.name), zsh_completion(program));
    write(top / "fish" / (program.name + ".fish"), fish_completion(program));
}

} // namespace bru
