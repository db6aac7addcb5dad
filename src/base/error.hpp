// What every part of the program throws when the user can mend the cause.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace bru {

/// Where in the user's input an error lies.
struct InputPlace {
    std::string source = {}; ///< a file, or an option of the command line; "" where it is not known yet
    std::uint64_t line = 0;  ///< from 1; 0 where the error is not one of a line
    std::string item = {};   ///< a node, a sequence and step, ...; "" where there is none
};

/// Wrong use or wrong input: the message names the place, the value, what is allowed and the remedy. The command line
/// prints what() after "bru: error: " and exits with status 2.
///
/// Code that does not know the place throws the message alone; a caller that knows it adds the place as the error
/// passes (in_place). what() has the place once, in front of the message.
class InputError : public std::runtime_error {
public:
    explicit InputError(const std::string& message) : InputError(InputPlace{}, message) {}
    InputError(InputPlace place, const std::string& message)
        : std::runtime_error(message), place_(std::move(place)), text_(text()) {}

    const char* what() const noexcept override { return text_.c_str(); }
    std::string message() const { return std::runtime_error::what(); } ///< without the place
    const InputPlace& place() const { return place_; }

    /// Says where the error lies. What of the place is known already stays.
    void add_place(const InputPlace& place) {
        if (place_.source.empty()) {
            place_.source = place.source;
            place_.line = place.line;
        }
        if (place_.item.empty()) place_.item = place.item;
        text_ = text();
    }

private:
    std::string text() const {
        std::string text = place_.source;
        if (place_.line > 0) text += ":" + std::to_string(place_.line);
        if (!text.empty()) text += ": ";
        if (!place_.item.empty()) text += place_.item + ": ";
        return text + message();
    }

    InputPlace place_;
    std::string text_;
};

/// The operating system refused: a file cannot be read now. With the same input, the same work may succeed later.
class SystemError : public InputError {
public:
    SystemError(InputPlace place, const std::string& message, int error_number)
        : InputError(std::move(place), message), error_number_(error_number) {}

    int error_number() const { return error_number_; } ///< as errno has them

private:
    int error_number_;
};

/// Does `work`. An InputError that leaves it gets this place.
template <typename Work>
auto in_place(const InputPlace& place, const Work& work) {
    try {
        return work();
    } catch (InputError& error) {
        error.add_place(place);
        throw;
    }
}

} // namespace bru
