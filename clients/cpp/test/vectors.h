#pragma once

#include <redress/client.h>

#include <string>

// Returns the request of a vector, such as `jona/withdrawal_paid`.
redress::v1::DecideRequest Named(const std::string& name);
