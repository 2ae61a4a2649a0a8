#include "haihectl/shared_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool shared_data_path(const char *name, char out[4096])
{
    const char *root = getenv("HAIHE_SHARED_DATA");
    snprintf(out, 4096, "%s/%s", root && root[0] ? root : "../shared/data", name);
    return access(out, R_OK) == 0;
}
