// JSON that others may have written: every access says what it expects, and an error names file and place.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace bru {

/// A value and where it stands. Points into the document, which must outlive it. All members throw InputError:
/// "FILE: points[3].metrics.lut: is a string; allowed is a number".
class CheckedJson {
public:
    CheckedJson(const nlohmann::ordered_json& value, std::string file);

    const nlohmann::ordered_json& value() const { return *value_; }

    CheckedJson at(const std::string& key) const; ///< of an object; must be there
    /// Of an object; nullopt where it is missing or null.
    std::optional<CheckedJson> find(const std::string& key) const;
    std::size_t size() const; ///< of an array
    CheckedJson item(std::size_t index) const;

    std::string text() const;
    double number() const;
    nlohmann::ordered_json checked_number() const; ///< as it stands in the file: whole numbers stay whole
    bool boolean() const;
    void check_object() const;

    [[noreturn]] void refuse(const std::string& allowed) const;

private:
    CheckedJson(const nlohmann::ordered_json& value, const std::string& file, std::string place);

    const nlohmann::ordered_json* value_;
    std::string file_;
    std::string place_; ///< "points[3].metrics", "" for the whole
};

/// Commands whose JSON is read, for messages.
inline constexpr const char* kAnyResult = "bru run --json or bru sweep";

/// A whole JSON file. Throws InputError where it cannot be read, is empty or is no JSON; the message says that `wanted`
/// writes such a file.
nlohmann::ordered_json read_json(const std::string& path, const std::string& wanted = kAnyResult);

/// Parses text; throws InputError that names the file and where it stops being JSON.
nlohmann::ordered_json parse_json(const std::string& text, const std::string& file,
                                  const std::string& wanted = kAnyResult);

} // namespace bru
