/* The kernels of kernel_body.h in plain C, for any processor. */
#define KERNEL_NAME scalar
#include "core/kernel_body.h"

#include "base/banned.h"
