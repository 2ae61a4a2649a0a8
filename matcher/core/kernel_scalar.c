/* The kernels of kernel_body.inc in plain C, for any processor. */
#define KERNEL_NAME scalar
#include "core/kernel_body.inc"

#include "base/banned.h"
