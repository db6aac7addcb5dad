// The command line of a command after parsing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/override.hpp"

namespace bru {

/// An option that repeats has its last value; all() has every one.
class Arguments {
public:
    std::string positional;                    ///< "" where none was given
    std::vector<std::string> more_positionals; ///< behind it, where the command takes them
    std::vector<Override> overrides;           ///< parameters of the configuration

    void set(const std::string& name, const std::string& text) { values_[name] = {text}; }
    void add(const std::string& name, const std::string& text) { values_[name].push_back(text); }
    /// What the message about a missing option says of it: "--out FILE: the trace to write".
    void describe(const std::string& name, const std::string& text) { descriptions_[name] = text; }
    void remove(const std::string& name) { values_.erase(name); }
    bool has(const std::string& name) const { return values_.count(name) != 0; }
    std::optional<std::string> text(const std::string& name) const;
    std::string text_or(const std::string& name, const std::string& otherwise) const;
    std::vector<std::string> all(const std::string& name) const;
    /// The option's value; throws InputError that says it is required.
    std::string required(const std::string& name) const;
    /// Throw InputError with the allowed range where the value is no number in it.
    std::optional<std::int64_t> integer(const std::string& name, std::int64_t low, std::int64_t high) const;
    std::optional<double> real(const std::string& name, double low, double high) const;

private:
    std::map<std::string, std::vector<std::string>> values_;
    std::map<std::string, std::string> descriptions_;
};

} // namespace bru
