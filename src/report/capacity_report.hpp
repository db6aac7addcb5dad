// What `bru capacity` says: the streams that a machine serves, and every number of streams that was tried.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "config/configuration.hpp"
#include "model/network.hpp"
#include "run/capacity.hpp"

namespace bru {

inline constexpr const char* kCapacitySchema = "bru-capacity-1";

struct CapacityReport {
    std::string model_path;
    const Network* network = nullptr;
    Configuration configuration; ///< every depth resolved
    Demand demand;
    Capacity capacity;
};

std::string capacity_table(const CapacityReport& report);
nlohmann::ordered_json capacity_json(const CapacityReport& report);

} // namespace bru
