// bru-train's option table, made of the table of settings.
#pragma once

#include "base/command_line/option_table.hpp"

namespace bru::train {

Program training_program();

} // namespace bru::train
