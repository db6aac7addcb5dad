// See checked_json.hpp.
#include "report/checked_json.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/json_text.hpp"
#include "base/piped_input.hpp"
#include "base/read_text.hpp"

namespace bru {

namespace {

constexpr std::size_t kShownCharacters = 60;

std::string shown(const nlohmann::ordered_json& value) {
    if (value.is_object()) return "an object";
    if (value.is_array()) return "an array";
    const std::string text = json_text_in_ascii(value);
    return text.size() <= kShownCharacters ? text : text.substr(0, kShownCharacters) + "...";
}

} // namespace

CheckedJson::CheckedJson(const nlohmann::ordered_json& value, std::string file)
    : value_(&value), file_(std::move(file)) {}

CheckedJson::CheckedJson(const nlohmann::ordered_json& value, const std::string& file, std::string place)
    : value_(&value), file_(file), place_(std::move(place)) {}

void CheckedJson::refuse(const std::string& allowed) const {
    throw InputError({file_}, fmt::format("{}{}is {}; allowed is {}; let bru write the file anew", place_,
                                          place_.empty() ? "" : ": ", shown(*value_), allowed));
}

void CheckedJson::check_object() const {
    if (!value_->is_object()) refuse("an object");
}

CheckedJson CheckedJson::at(const std::string& key) const {
    check_object();
    const auto found = value_->find(key);
    const std::string place = place_.empty() ? key : place_ + "." + key;
    if (found == value_->end())
        throw InputError(
            {file_},
            fmt::format("{}: is missing, so bru has not written this file, or another version has; let bru write it "
                        "anew, with --json (run, sweep) or --db (sweep)",
                        place));
    return {*found, file_, place};
}

std::optional<CheckedJson> CheckedJson::find(const std::string& key) const {
    check_object();
    const auto found = value_->find(key);
    if (found == value_->end() || found->is_null()) return std::nullopt;
    return at(key);
}

std::size_t CheckedJson::size() const {
    if (!value_->is_array()) refuse("an array");
    return value_->size();
}

CheckedJson CheckedJson::item(std::size_t index) const {
    return {value_->at(index), file_, fmt::format("{}[{}]", place_, index)};
}

std::string CheckedJson::text() const {
    if (!value_->is_string()) refuse("a text");
    return value_->get<std::string>();
}

double CheckedJson::number() const {
    if (!value_->is_number() || !std::isfinite(value_->get<double>())) refuse("a finite number");
    return value_->get<double>();
}

nlohmann::ordered_json CheckedJson::checked_number() const {
    number();
    return *value_;
}

bool CheckedJson::boolean() const {
    if (!value_->is_boolean()) refuse("true or false");
    return value_->get<bool>();
}

nlohmann::ordered_json read_json(const std::string& path, const std::string& wanted) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        throw InputError({path}, fmt::format("is a folder, and cannot be read; give what {} wrote", wanted));
    std::ifstream stream(reopenable(path), std::ios::binary);
    if (!stream) throw unreadable(path, errno);
    const std::string text = rest_of(stream, path);
    if (text.empty()) throw InputError({path}, fmt::format("is empty; give what {} wrote", wanted));
    nlohmann::ordered_json json = parse_json(text, path, wanted);
    if (!json.is_object())
        throw InputError({path}, fmt::format("is JSON, but no object as bru writes it; give what {} wrote", wanted));
    return json;
}

/// The library's words say where it stopped, and nothing of what to do.
nlohmann::ordered_json parse_json(const std::string& text, const std::string& file, const std::string& wanted) {
    try {
        return json_from_text(text);
    } catch (const nlohmann::ordered_json::parse_error& error) {
        const std::string other_kind = file_kind_remark(file, "JSON");
        const std::size_t start = text.find_first_not_of(" \t\r\n");
        if (!other_kind.empty() || start == std::string::npos || text[start] != '{')
            throw InputError({file}, fmt::format("is no JSON{}; give what {} wrote", other_kind, wanted));
        const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(error.byte, text.size()));
        const auto line = static_cast<std::uint64_t>(1 + std::count(text.begin(), end, '\n'));
        const std::string what = error.what(); // "[...] parse error at byte 7: REASON"
        throw InputError(
            {file, line},
            error.id == kJsonOutOfBounds
                ? fmt::format("has {}; let {} write it again", what.substr(what.find(": ") + 2), wanted)
                : fmt::format("is no whole JSON: it is damaged or cut short here; let {} write it again", wanted));
    }
}

} // namespace bru
