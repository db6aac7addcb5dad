// The option table of the program `bru`. Each subcommand declares its part in a file of its own.
#pragma once

#include <string>
#include <vector>

#include "base/command_line/option_table.hpp"
#include "config/load_configuration.hpp"

namespace bru::cli {

/// One file declares one subcommand.
Command run_command();
Command trace_command();
Command check_command();
Command resources_command();
Command inspect_command();
Command quantize_command();
Command sweep_command();
Command report_command();
Command compare_command();
Command diff_command();
Command partition_command();
Command image_command();
Command capacity_command();
Command fleet_command();

/// Every parameter of the configuration as an option, "bru.lanes".
std::vector<Option> parameter_options();

/// Names that --bru.device knows: the shipped device files without their ending.
std::vector<std::string> device_names();

/// The whole table.
Program bru_program();

} // namespace bru::cli
