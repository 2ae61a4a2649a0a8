/* The version of this source tree; the build may append a revision with -DHAIHE_REVISION. */
#ifndef HAIHE_CONFIG_VERSION_H
#define HAIHE_CONFIG_VERSION_H

#define HAIHE_VERSION "0.1.0"

#endif
