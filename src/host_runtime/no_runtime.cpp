// Stands in for onnx_runtime.cpp where ONNX Runtime was not found at configuration.
#include "host_runtime/session.hpp"

#include "base/error.hpp"

namespace bru {

struct HostSession::State {};

std::string why_no_host_runtime() {
    return "this program was built without ONNX Runtime; install libonnxruntime-dev and build again (Debian 13 has the "
           "package), or cut the model with `bru partition`";
}

std::string host_runtime_name() { return ""; }

// NOLINTNEXTLINE(performance-unnecessary-value-param): the session that runs models keeps the label.
HostSession::HostSession(const std::string& /*model*/, std::string /*label*/, int /*threads*/) {
    throw InputError(why_no_host_runtime());
}

HostSession::~HostSession() = default;
HostSession::HostSession(HostSession&&) noexcept = default;
HostSession& HostSession::operator=(HostSession&&) noexcept = default;

std::vector<HostTensor> HostSession::run(const std::vector<HostTensor>& /*inputs*/,
                                         const std::vector<std::string>& /*outputs*/) {
    return {}; // no session can be made
}

void HostSession::run_all(const std::vector<HostTensor>& /*inputs*/) {}

} // namespace bru
