// [run] of an INI file: what runs and how it is read, not the machine that it runs on. Each key is an option of the
// same name on the command line. Readers, checks and docs/configuration.md derive from run_keys().
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/shipped_files.hpp"

namespace bru {

struct RunKey {
    std::string name;                 ///< of the option: "lstm-weight-bits"; the key writes it with _ for -
    bool is_path = false;             ///< of a file, from the folder of the INI file, or of a shipped one
    std::vector<std::string> choices; ///< all allowed values; empty: a path or a number
    std::int64_t low = 0;             ///< range of a number
    std::int64_t high = 0;
    std::string help;
    ShippedKind kind = ShippedKind::model; ///< of a file

    std::string key() const;     ///< "run.lstm_weight_bits"
    std::string allowed() const; ///< for messages
};

const std::vector<RunKey>& run_keys();

/// nullptr where the key is none of these.
const RunKey* find_run_key(const std::string& key);

/// The value as the option takes it: a path from the folder `directory`, or that of a shipped file. Throws InputError:
/// key, value and what is allowed.
std::string run_value(const RunKey& key, const std::string& text, const std::string& directory);

} // namespace bru
