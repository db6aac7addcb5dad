// LibTorch's headers bring glog's CHECK; Catch2's is meant in tests. To be included first.
#pragma once

#include <ATen/ATen.h>
#undef CHECK
#include "support/catch.hpp"
