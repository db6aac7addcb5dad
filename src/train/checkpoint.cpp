#include "train/checkpoint.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/fnv.hpp"
#include "base/json_text.hpp"
#include "base/output_file.hpp"
#include "base/read_text.hpp"

namespace bru::train {
namespace {

// magic, length of the JSON (8 bytes), JSON with the tensors' names and shapes, their values, checksum (8 bytes)
constexpr char kMagic[] = "bru-train checkpoint 1\n";
constexpr std::size_t kMagicSize = sizeof kMagic - 1;
constexpr std::size_t kWord = 8;

} // namespace

std::uint64_t checkpoint_checksum(std::string_view content) {
    const char* const bytes = content.data();
    const std::size_t count = content.size();
    std::uint64_t sum = kFnvStart; // eight bytes at a time
    for (std::size_t at = 0; at < count; at += kWord) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes + at, std::min(kWord, count - at));
        sum = fnv1a(sum, word);
        sum ^= sum >> 29;
    }
    return sum ^ count;
}

namespace {

void append_word(std::string& bytes, std::uint64_t word) {
    char raw[kWord];
    std::memcpy(raw, &word, kWord);
    bytes.append(raw, kWord);
}

} // namespace

void refuse(const std::string& path, const std::string& why) {
    throw InputError(fmt::format(
        "{}: {}; it was left as it is. Start anew with another --out, or put a copy in its place", path, why));
}

at::Tensor Checkpoint::tensor(const std::string& name, at::IntArrayRef shape) const {
    for (const auto& [known, value] : tensors)
        if (known == name && value.sizes() == shape) return value;
    refuse(path, fmt::format("has no '{}' of the shape that its settings ask for", name));
}

std::int64_t whole_number(const nlohmann::json& value) {
    const bool fits = value.is_number_unsigned() ? value.get<std::uint64_t>() <= INT64_MAX : value.is_number_integer();
    if (!fits) throw nlohmann::json::type_error::create(302, "a whole number is expected", &value);
    return value.get<std::int64_t>();
}

std::int64_t Checkpoint::count(const std::string& key) const {
    const std::int64_t number = whole_number(state.at(key));
    if (number < 0) refuse(path, fmt::format("has '{}' = {}", key, number));
    return number;
}

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
    nlohmann::json header = {{"state", checkpoint.state}, {"tensors", nlohmann::json::array()}};
    for (const auto& [name, value] : checkpoint.tensors)
        header["tensors"].push_back({{"name", name}, {"shape", value.sizes().vec()}});
    const std::string json = header.dump();
    std::string bytes(kMagic);
    append_word(bytes, json.size());
    bytes += json;
    for (const auto& [name, value] : checkpoint.tensors) {
        const at::Tensor flat = value.detach().contiguous();
        bytes.append(reinterpret_cast<const char*>(flat.data_ptr<float>()), flat.numel() * sizeof(float));
    }
    append_word(bytes, checkpoint_checksum(bytes));
    OutputFile file(path);
    file.write(bytes);
    file.commit();
}

namespace {

/// The number of values of a tensor in the file; more than the file has room for is refused.
std::size_t value_count(const std::vector<std::int64_t>& shape, std::size_t bytes_left, const std::string& path) {
    const std::size_t most = bytes_left / sizeof(float);
    std::size_t count = 1;
    for (const std::int64_t size : shape) {
        if (size < 0 || (size > 0 && count > most / static_cast<std::size_t>(size)))
            refuse(path, "has tensors that are larger than the file");
        count *= static_cast<std::size_t>(size);
    }
    return count;
}

/// `bytes` without the magic in front and the checksum behind: JSON and tensors.
Checkpoint parse(std::string_view bytes, const std::string& path) {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), kWord);
    bytes.remove_prefix(kWord);
    if (length > bytes.size()) refuse(path, "has a header that is longer than the file");
    Checkpoint checkpoint;
    checkpoint.path = path;
    const auto header = nlohmann::json::parse(json_within_bounds(bytes.substr(0, length)));
    bytes.remove_prefix(length);
    checkpoint.state = header.at("state");
    for (const nlohmann::json& each : header.at("tensors")) {
        const auto shape = each.at("shape").get<std::vector<std::int64_t>>();
        const std::size_t size = value_count(shape, bytes.size(), path) * sizeof(float);
        at::Tensor value = at::empty(shape, at::kFloat);
        if (size > 0) std::memcpy(value.data_ptr<float>(), bytes.data(), size); // an empty tensor has no place
        bytes.remove_prefix(size);
        checkpoint.tensors.emplace_back(each.at("name").get<std::string>(), value);
    }
    if (!bytes.empty()) refuse(path, "has more values than its tensors");
    return checkpoint;
}

} // namespace

Checkpoint read_checkpoint(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw unreadable(path, errno);
    if (std::filesystem::is_directory(path)) refuse(path, "is a folder, not a checkpoint");
    const std::string bytes = rest_of(file, path);
    if (bytes.compare(0, kMagicSize, kMagic) != 0) refuse(path, "is no checkpoint of bru-train");
    std::uint64_t sum = 0;
    if (bytes.size() < kMagicSize + 2 * kWord) refuse(path, "is cut short");
    std::memcpy(&sum, bytes.data() + bytes.size() - kWord, kWord);
    if (sum != checkpoint_checksum(std::string_view(bytes).substr(0, bytes.size() - kWord)))
        refuse(path, "is damaged or cut short (its checksum is wrong)");
    // The checksum is no signature: anybody can write one that is right over anything.
    const std::string_view content = bytes;
    return checked(path, [&] { return parse(content.substr(kMagicSize, content.size() - kMagicSize - kWord), path); });
}

} // namespace bru::train
