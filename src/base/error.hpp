// What every part of the program throws when the user can mend the cause.
#pragma once

#include <stdexcept>
#include <string>

namespace bru {

/// Wrong use or wrong input: the message names the file, the place, the value, what is allowed and the
/// remedy. The command line prints it after "bru: error: " and exits with status 2.
class InputError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace bru
