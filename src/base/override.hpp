// One "key = value" for a parameter, given outside the configuration file.
#pragma once

#include <string>

namespace bru {

struct Override {
    std::string key;
    std::string value;
};

} // namespace bru
